"""What people say when they ask, thank, laugh or advertise, as patterns over lower-case text; in about twenty languages.

Each line is an alternative of a regular expression. Patterns of `ASKS_FIRST` are looked for where a sentence begins, the others anywhere.
"""

from __future__ import annotations

import re

__all__ = ["ADVERTISES", "AIMLESS", "ASKS", "ASKS_FIRST", "NO_THANKS", "PRAISES", "RHETORICAL", "SECOND_PERSON", "THANKS"]


def _any(lines: str) -> str:
    r"""The lines as alternatives; those that begin with `\b` share one, so that they are tried only where a word begins or ends."""
    alternatives = [line.strip() for line in lines.strip().splitlines()]
    words = [line.removeprefix(r"\b") for line in alternatives if line.startswith(r"\b")]
    others = [line for line in alternatives if not line.startswith(r"\b")]
    return "|".join([*others, rf"\b(?:{'|'.join(words)})"] if words else others)


_ASKING = "how|what|where|why|when|who|whom|whose|which"
_VERB = "does|did|are|is|was|were|has|had|can|could|would|should|will|might|am"
_NOT = "won't|isn't|aren't|shouldn't|don't|doesn't|didn't|couldn't|haven't|hasn't|may|shall|must"
_PERSON = "you|u|i|we|they|he|she|one|anyone|anybody|someone|somebody|either"
_THING = "your|it|there|this|that|the|part"

_ENGLISH_OPENINGS = _any(
    rf"""
        (?:{_ASKING})(?: \S+){{0,3}}? (?:do|have|{_VERB}) (?:{_PERSON}|{_THING})\b
        (?:{_ASKING}) (?:do|have|{_VERB}) (?!why\b)
        (?:do|have) (?:{_PERSON})\b
        do your (?!jobs?\b|best\b|part\b|bit\b|duty\b|thing\b|homework\b|own\b|research\b)
        (?:{_VERB}|{_NOT}) (?:{_PERSON}|{_THING})\b
        what(?:'s| is) (?:a|the|your|an|up with)\b
        what happens
        which of (?:your|you|these|those|the)\b
        what about
        why not
        how (?:much|many|long|often|large|big|far|old)\b
        how to
        how(?:'s| is) the
        which (?:one|tool|tools|library|version|model|database|book)\b
        any (?:chance|idea|ideas|recommendations?|advice|pointers|tips|suggestions?|plans|thoughts|update|updates|news)\b
        (?:anyone|anybody|someone|somebody) (?:know|knows|have|has|here|you'd|you would|tried|using|got|able)\b
        (?:got|have) a (?:minute|moment|second|link)\b
        (?:mind if|wdyt|thoughts on|got any|remind me|asking because|question for)\b
        (?:quick question|quick one|silly question|stupid question|dumb question)\b
        """
)

# an opening that lets one expect an answer, with or without a question mark
ASKS_FIRST = re.compile(
    rf"(?:{_ENGLISH_OPENINGS}|"
    + _any(
        r"""
        (?:comment|pourquoi|combien|o[uù]|quand|qui) (?:faites|fais|fait|tu|vous|on|peut|peux|puis|pouvez)\b
        (?:comment|pourquoi|combien|o[uù]|quand|qui) (?:est|sont|avez|as|va|ça|de|gérez|trouver|utilisez)\b
        pourquoi\b
        quel(?:le)?s? (?!surprise|idiot|monde|plaisir|bonheur|chance|honte|galère|bazar|horreur)
        est-ce qu
        qu'est-ce qu
        (?:pourrais|pourriez|peux|pouvez|pourrait|avez|as|as-tu|auriez|aurais|connais|connaissez|sais|savez)[- ](?:tu|vous|on)\b
        (?:tu|vous) (?:as|avez|utilises|utilisez|connais|connaissez|sais|savez|peux|pouvez|pourrais|pourriez)\b
        quelqu'un (?:a|sait|connaît|chez)\b
        (?:wie|was|wo|wann|wer|wieso|weshalb|womit|wozu) (?:geht|gehen|macht|machst|machen|kann)\b
        (?:wie|was|wo|wann|wer|wieso|weshalb|womit|wozu) (?:können|kommt|ist|sind|habt|hast|viel)\b
        (?:wie|was|wo|wann|wer|wieso|weshalb|womit|wozu) (?:viele|lange|oft|groß|finde|finden|haltet)\b
        (?:wie|was|wo|wann|wer|wieso|weshalb|womit|wozu) (?:hältst|nutzt|löst|bekommt|sieht|lest)\b
        warum\b
        welche[rsnm]?\b
        (?:kannst|könntest|könnt|könntet) (?:du|ihr|es|ich|jemand|man|sie|wir|das|der|die|noch)\b
        (?:habt|hast|gibt|darf|weiß|weißt|wisst) (?:du|ihr|es|ich|jemand|man|sie|wir|das|der|die|noch)\b
        (?:seid|bist|nutzt|kennt|kennst) (?:du|ihr|es|ich|jemand|man|sie|wir|das|der|die|noch)\b
        (?:würdet|würdest|hat|ist|sind|können) (?:du|ihr|es|ich|jemand|man|sie|wir|das|der|die|noch)\b
        cómo (?:se|lo|hacéis|haces|tratáis|tratas|puedo|podemos|hacen|está|van)\b
        qué (?!pena|asco|bueno|buena|bien|mal|lío|maravilla|horror|risa|barbaridad|lástima)
        (?:dónde|cuándo|cuál|cuáles|cuánto|cuántos|cuánta|cuántas|por qué)\b
        (?:podrías|podría|podríais|puedes|podéis|tienes|tenéis|sabes|sabéis|usáis|usas|conoces)\b
        alguien (?:ha|sabe|tiene|conoce|usa|puede)\b
        come (?:gestite|gestisci|fate|fai|si|posso|mai|funziona|avete|hai|trattate)\b
        (?:quale|quali|quanto|quanti|quanta|quante|dove|perché|cosa) \w
        (?:potresti|potreste|puoi|potete|sapete|sai|avete|hai|usate|usi)\b
        qualcuno (?:ha|sa|conosce|usa|può)\b
        como (?:vocês|você|vc|fazem|faz|tratam|posso|se faz)\b
        (?:onde|qual|quais|quando|quanto|quantos|por que) \w
        (?:poderia|poderiam|pode|podes|você|vocês) (?:compartilhar|poderia|poderiam|pode|podem|tem|têm|usa|usam|sabe|sabem|já)\b
        alguém (?:já|sabe|tem|conhece|usa)\b
        hoe (?:gaan|ga|doen|doe|kan|kunnen|lang|veel|vaak|zit|werkt|komt)\b
        (?:waarom|welke|wanneer|wie)\b
        waar (?:kan|vind|vinden|staat|staan|haal)\b
        (?:kun|kan|heb|hebben|hebt|weet|weten) (?:je|jij|jullie|u|ik|er|iemand|dat|het)\b
        (?:mag|zou|zouden|is|zijn|gebruik|gebruiken) (?:je|jij|jullie|u|ik|er|iemand|dat|het)\b
        hur (?:hanterar|gör|många|mycket|länge|ofta|kan|fungerar|ser|går)\b
        (?:varför|vilken|vilket|vilka|vem|när)\b
        (?:kan|har|vet|är|finns|skulle|använder|får) (?:du|ni|man|någon|det|jag)\b
        (?:jak (?:radzicie|radzisz|robicie|robisz|to|można|długo|często|sobie))\b
        (?:czy|gdzie|dlaczego|kiedy|ile|który|która|które|czemu)\b
        (?:nasıl|neden|nerede|niye|hangi|kaç|ne zaman)\b
        (?:а )?(?:как (?:вы|ты|это|можно|лучше|часто)|где|почему|зачем|когда|сколько)(?!\w)
        (?:а )?(?:какой|какая|какую|какие|есть ли|можно ли|кто|что (?:вы|ты|делать))(?!\w)
        (?:а )?(?:чи|де|як (?:ви|ти|це|можна)|чому|коли|скільки|який|яка|яку|які|хто)(?!\w)
        (?:πώς|πού|γιατί|ποιος|ποια|ποιο|πότε|πόσο|τι)(?!\w)
        (?:هل|كيف|أين|متى|لماذا|كم|ماذا|ما هو|ما هي|آیا|چطور|چگونه|کجا|چرا|چه|چند)(?!\w)
        (?:האם|איך|איפה|למה|מתי|כמה|מה|מי|איזה)(?!\w)
        (?:क्या|कैसे|कहाँ|क्यों|कब|कितने|कितना|कौन)
        (?:bagaimana|apakah|kenapa|mengapa|di mana|dimana|kapan|berapa|bolehkah|boleh minta|ada yang|siapa)\b
        """
    )
    + r")"
)

# wherever it stands, somebody wants to know
ASKS = re.compile(
    _any(
        r"""
        \b(?:would|i'd|we'd) (?:love|like|be (?:interested|curious|keen)) (?:to (?:know|hear|see|understand|learn|read))\b
        \b(?:would|i'd|we'd) (?:love|like|be (?:interested|curious|keen)) (?:in your)\b
        \b(?:let me|let us) know (?:if|when|how|what|where|which|whether)\b
        \b(?:please|pls|plz) (?:tell|share|explain|send|post|let)\b
        ^(?:please|pls) (?:tell|share|explain|send|post)\b
        ^(?:wondering|curious|wonder) (?:whether|if|how|what|why|where|which|who|about)\b
        \b(?:i|we|still|was|am|i'm|just) (?:wonder|wondering|curious) (?:whether|if|how|what|why|where|which|who|about)\b
        \b(?:need|want|could use|looking for) (?:your |some )?(?:advice|help|input|opinion|recommendations?|suggestions?)\b
        \bdo you (?:know|have|use|mean|think|still|answer|agree|recommend)\b
        \bwant to ask\b
        \b(?:where|how|what) (?:can|could|do|should|would) (?:i|we|one)\b
        \bhow (?:do|did|would|are|have|can) (?:you|u)\b
        \bwhat (?:do|did|would|are|have) (?:you|u)\b
        \bor something else by now\b
        \b(?:j'aimerais|je voudrais|on aimerait) (?:savoir|bien savoir|comprendre)\b
        \bmich würde interessieren\b
        \bwürde mich interessieren\b
        \b(?:me gustaría|quisiera|querría) saber\b
        \b(?:vorrei|mi piacerebbe) sapere\b
        \bgostaria de saber\b
        \bciekaw[aeiy]? (?:jestem|mnie)\b
        \bpaylaşabilir mi|\bm[ıiuü]s[ıiuü]n[ıiuü]z\b|\bm[ıiuü] acaba\b
        (?:подскажите|расскажите|скажіть|підкажіть|поделитесь)
        (?:(?:です|ます|ません|でしょう|いただけます|もらえます)か(?:[。．\s]|$))|教えて(?:ください|いただけ)
        (?:请问|怎么(?!可能)|如何|能不能|可不可以|有没有|是不是|哪里|哪个|什么时候)|[吗嗎呢](?:[。\s]|$)
        (?:나요|까요|인가요|는지요|을까요|습니까|시나요)(?:[.\s]|$)|어떻게 (?:하|처리)
        \b(?:như thế nào|ở đâu|tại sao|bao nhiêu|được không|phải không)(?:\s|$)
        \bboleh (?:minta|tahu)\b
        """
    )
)

# looks like a question and wants no answer
RHETORICAL = re.compile(
    _any(
        r"""
        \bwho (?:could have|would have|knew|needs|even|cares|doesn't|has time|else)\b
        \bwhat could (?:possibly )?go wrong\b
        \bhow (?:cool|great|nice|awesome|crazy|weird|sad|lovely|amazing|hard|difficult) (?:is|can|could|was)\b
        ^(?:really|seriously|srsly|what|wait|huh|no|yes|since when|again)\b[\s,]*$
        \bsince when\b
        ^(?:isn't|ain't|aren't) (?:it|that|this|they|we) (?:\S+ )?(?:lovely|great|fun|nice|funny)\b
        ^(?:isn't|ain't|aren't) (?:it|that|this|they|we) (?:\S+ )?(?:wonderful|amazing|sad|ironic|cute)\b
        \bdo i look like\b
        \bwhy (?:do|does|is|are|must) (?:vendors?|people|everyone)\b(?: \S+)? (?:always|never|even|still|keep)\b
        \bwhy (?:do|does|is|are|must) (?:everybody|nobody|they|we|it|some)\b(?: \S+)? (?:always|never|even|still|keep)\b
        \bas if\b
        \band they call (?:that|this|it)\b
        \byou (?:call|think) that\b
        \bwho am i to\b
        \bguess (?:who|what|where)\b
        \bcan you (?:believe|imagine)\b
        \bremember when\b
        \bknow what (?:i mean|that means)\b
        \b(?:right|eh|huh|innit|no|yeah|ok|amirite)[\s,]*$
        \bqui l'eût cru\b|\bquelle surprise\b|\bn'est-ce pas[\s,]*$
        \bwer hätte das gedacht\b|\b(?:oder|nicht wahr|gell)[\s,]*$
        \bquién lo (?:diría|hubiera)\b|\bverdad[\s,]*$
        \bchi l'avrebbe (?:mai )?detto\b|\bvero[\s,]*$
        \bquem diria\b|\bné[\s,]*$
        \bwie had dat gedacht\b|\btoch[\s,]*$
        \bkto by pomyślał\b
        \bкто бы мог подумать\b
        """
    )
)

SECOND_PERSON = re.compile(
    r"\b(?:you|your|yours|u|tu|ton|ta|tes|vous|votre|vos|du|dein|deine|deinen|ihr|euch|eure|euer|tú|tienes|tenéis|vosotros|usted|"
    r"ustedes|avete|vostro|vostra|hai|você|vocês|seu|sua|je|jij|jullie|jouw|ni|din|ditt|er|wy|wasze|siz|sizin|вы|вас|ваш|ти|ви|"
    r"anda|kamu|bạn)\b|أنت|لديكم|تتعاملون|אתם|אתה|شما|आप|あなた|你|您"
)

THANKS = re.compile(
    _any(
        r"""
        \b(?:thanks|thank you|thank u|thankyou|thx|thnx|ty|tysm|tyvm|tks|cheers|kudos|grateful)\b
        \bappreciate(?:d| it| this| that)\b
        \bmerci\b
        \b(?:danke|dankeschön|dank|vergelt's)\b
        \b(?:gracias|agradecid[oa])\b
        \b(?:grazie|ringrazio)\b
        \b(?:obrigad[oa]|valeu|agradeço)\b
        \b(?:bedankt|dankjewel|dank je|dank u)\b
        \btack\b
        \b(?:dziękuję|dziekuje|dzięki|dzieki)\b
        \b(?:teşekkür\w*|sağ ?ol\w*)
        (?:спасибо|благодарю|дякую|вдячн\w+)
        ευχαριστ\w+
        (?:شكرا|شكراً|مشكور|ممنون|متشکر|مرسی|سپاس)
        תודה
        (?:धन्यवाद|शुक्रिया)
        (?:ありがとう|感謝|助かりました)
        (?:谢谢|謝謝|感谢|感謝|多谢)
        (?:감사합니다|고맙습니다|고마워)
        \bterima kasih\b|\bmakasih\b
        \bcảm ơn\b
        """
    )
)

NO_THANKS = re.compile(
    r"\bno,? thanks?\b|\bno thank you\b|\bthanks for nothing\b|\bthanks but no\b|\bnein danke\b|\bnon merci\b|\bno gracias\b"
)

PRAISES = re.compile(
    _any(
        r"""
        \b(?:great|good|nice|excellent|brilliant|wonderful) (?:post|thread|talk|article|read|stuff)\b
        \b(?:great|good|nice|excellent|brilliant|wonderful) (?:work|point|piece|one|write-?up|job)\b
        \b(?:fantastic|superb|lovely|amazing|awesome) (?:post|thread|talk|article|read|stuff)\b
        \b(?:fantastic|superb|lovely|amazing|awesome) (?:work|point|piece|one|write-?up|job)\b
        \b(?:well said|well put|love (?:this|it|that)|loved (?:this|it)|spot on|so true|so good|bravo|chapeau|you're the best)\b
        \b(?:superbe|très bon|génial|sehr gut|super beitrag|klasse|toller|muy bueno)\b
        \b(?:genial|ottimo|bellissimo|muito bom|goed stuk|bra tråd|świetn\w+)\b
        (?:отлично|прекрасно|супер|رائع|מצוין|素晴らしい|参考になりました|很棒|훌륭)
        """
    )
)

# says nothing that could be answered
AIMLESS = re.compile(
    r"(?:"
    + _any(
        r"""
        lol|lmao|rofl|haha\w*|hehe\w*|a?(?:ha){2,}\w*|mdr|ptdr|xd|(?:ja){2,}\w*
        k{3,}|rs(?:rs)+|(?:а?х[аа]){2,}\w*|[ㅋㅎ]{2,}|[哈]{2,}|[wｗ]{1,}|草|笑|5{3,}
        gm|gn|good (?:morning|night|day)|hello|hi|hey|hello dear.*|hi dear.*|dear|sir|happy (?:friday|monday|weekend|new year)
        this|that|same|first|yes|no|yep|nope|ok|okay|true|wow|omg|ff|cc|via|ping|bump|up|w|f|ha|hm+|mm+|unroll|compile|\+\s*1
        """
    )
    + r"|[\W\d_])*"
)

ADVERTISES = re.compile(
    _any(
        r"""
        \b(?:follow(?:s|ed)? (?:me )?back|follow for follow|follow4follow|f4f|followback|follback|follow me)\b
        \bdm (?:me |us )?for (?:promo|promotion|collab|details|price)
        \b(?:read|see|visit|check) (?:also |out )?(?:our|my)(?: new| latest| free| amazing)*\s(?:article|course|page)\b
        \b(?:read|see|visit|check) (?:also |out )?(?:our|my)(?: new| latest| free| amazing)*\s(?:profile|shop|store|ebook)\b
        \b(?:read|see|visit|check) (?:also |out )?(?:our|my)(?: new| latest| free| amazing)*\s(?:webinar|channel|site)\b
        \b(?:read|see|visit|check) (?:also |out )?(?:our|my)(?: new| latest| free| amazing)*\s(?:website|offer|product|tool)\b
        \b(?:link in bio|grow your (?:brand|account|business|audience))\b
        \b(?:more followers|real followers|claim (?:your|now)|you have been selected)\b
        \b(?:you won|giveaway|airdrop|100x|guaranteed (?:profit|return)s?)\b
        \b(?:quick cash|from home|passive income|verified accounts|telegram @|whatsapp)\b
        \bearn \$?\d
        \$\d+ (?:a|per) day
        \btry \S+ (?:free|now|today)\b|\bfree (?:trial|ebook|e-book|download|cheat sheet)\b|\bfor \d+ days\b
        \b(?:top|best) \d+\b.*\b(?:must|you need|you should)\b
        \b(?:may|will) (?:surprise|shock) you\b|\byou won't believe\b
        \bthe latest .* (?:daily|weekly|news)\b.*\bthanks to\b
        \b(?:top fans|my week on|weekly stats|unfollowed me)\b
        \b(?:gagnez|argent facile|découvrez notre|formation en ligne|promo)\b
        \b(?:kostenlos testen|jetzt kaufen|geld verdienen|rabatt)\b
        \b(?:gana dinero|sígueme|te sigo|descuento)\b
        \b(?:scopri la nostra|offerta|sconto)\b
        \b(?:segue de volta|sigo de volta|ganhe dinheiro|desconto)\b
        (?:заработок|пиши в личку|без вложений|подпишись)
        (?:تابعني|اتابعك|ربح المال)
        (?:無料で|今すぐクリック|稼げる|稼ぐ)
        (?:免费领取|红包|点击链接|加微信)
        \btakip eden(?:i|leri)\b
        """
    )
)
