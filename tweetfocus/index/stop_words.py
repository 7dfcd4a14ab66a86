"""Words that say nothing about a field: function words of the languages most met, and the small talk of social media."""

from __future__ import annotations

__all__ = ["STOP_WORDS"]

_WORDS = {
    "en": """
        a about above after again against all almost also although always am among an and another any anybody
        anyone anything are aren around as at away back be became because become been before being below best
        better between both but by came can cannot can't could couldn did didn didn't do does doesn doesn't
        doing don don't done down during each either else enough etc even ever every everybody everyone
        everything few first for from further get gets getting give given go goes going gone gonna good got
        great had hadn has hasn have haven having he her here hers herself him himself his how however i'd i'll
        i'm i've if in instead into is isn isn't it it's its itself just keep kept know known last least less
        let let's like likely ll look looking lot lots made make makes making many may maybe me might mine more
        most much must my myself need needs neither never new next no nobody none nor not nothing now of off
        often ok okay old on once one ones only onto or other others our ours ourselves out over own per perhaps
        please put quite rather re really right said same saw say says see seen several shall she should shouldn
        since so some somebody someone something sometimes still such sure take taken takes taking tell than
        thank thanks that that's the their theirs them themselves then there there's these they they're thing
        things think this those though three through thus til till to today together told tomorrow tonight too
        took toward towards two under until up upon us use used uses using ve very via want wants was wasn way
        we we're we've well went were weren what what's when where whether which while who whom whose why will
        with within without won won't would wouldn yes yesterday yet you you'd you'll you're you've your yours
        yourself yourselves
    """,
    "fr": """
        à afin ai aie ainsi ait alors apres après as au aucun aucune aujourd aujourd'hui auquel aussi autre
        autres aux avaient avais avait avant avec avez avoir avons ayant bah beaucoup bien bon bonne bref c'est
        ca ça car ce ceci cela celle celles celui cent cet cette ceux chacun chaque chez comme comment contre
        côté d'un d'une dans de deja déjà depuis des dès deux devant dire dit doit donc dont du durant elle
        elles en encore enfin entre environ es est et étaient étais était étant été être eu eux fait faire fais
        faut fois font grâce hier hors hui ici il ils j'ai je jamais jour jours jusqu jusque l'on la là le les
        leur leurs lui ma mais mal mes moi moins mon même mêmes n'est ne ni non nos notre nous on ont ou où oui
        par parce parfois pas pendant peu peut peuvent peux plus plusieurs plutôt pour pourquoi pourtant pouvoir
        près puis qu'il qu'on quand que quel quelle quelles quelqu'un quelque quelques quels qui quoi rien sa
        sans sauf se sera serait ses seulement si sien soi soit son sont sous souvent suis sur surtout ta tandis
        tant te tel telle tes toi ton toujours tous tout toute toutes trop très tu un une va vais vers veut veux
        vient voici voilà voir vos votre vous vraiment vu y
    """,
    "de": """
        aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei bin bis bist da
        damit dann das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir
        doch dort du durch ein eine einem einen einer eines einfach er es etwas euch euer für gar gegen gibt
        habe haben hat hatte hatten heute hier hin ich ihm ihn ihnen ihr ihre im immer in ins ist ja jede jedem
        jeden jeder jetzt kann kein keine können mal man mehr mein meine mich mir mit muss nach nicht nichts
        noch nun nur ob oder ohne schon sehr sein seine sich sie sind so soll sondern um und uns unser unter
        viel vom von vor war waren was weil wenn wer werden wie wieder wir wird wo wurde zu zum zur über
    """,
    "es": """
        al algo algunos ante antes aquí así aunque bien cada como con contra cual cuando de del desde donde dos
        el él ella ellos en entre era eran es esa ese eso esta está están estar este esto estos fue ha hace
        hacer han hasta hay hoy la las le les lo los más me mi mientras muy nada ni no nos nosotros nuestra
        nuestro o os otra otro para pero poco por porque que qué quien se sea ser si sí siempre sin sobre solo
        son su sus también tan te tiene todo todos tu un una uno unos y ya yo
    """,
    "it": """
        ad ai al alla alle anche ancora che chi ci come con cosa così cui da dal dalla degli dei del della delle
        di dove due e è era essere fare gli ha hanno ho i il in io la le lei lo loro lui ma mi mia mio molto ne
        nei nel nella no noi non nostro o oggi ogni per perché più poi può quando quello questa questo qui se
        sei si sia sono su sua sul sulla suo tra tu tutti tutto un una uno vi
    """,
    "pt": """
        ao aos as até com como da das de dela dele do dos e ela ele eles em entre era essa esse esta está este
        eu foi há isso já lhe mais mas me mesmo meu minha muito na não nas nem no nos nós nossa o os ou para
        pela pelo por porque quando que quem se sem ser seu sua são só também te tem ter um uma vai você
    """,
    "nl": """
        aan al alle als altijd bij daar dan dat de deze die dit doen door een en er geen had heb hebben heeft
        het hier hij hoe hun ik in is ja je kan maar me meer men met mij mijn moet na naar niet niets nog nu of
        om omdat onder ons ook op over te tegen toch toen tot u uit uw van veel voor want waren was wat we wel
        werd wie wij worden ze zei zich zij zijn zo zonder zou
    """,
    "media": """
        amp retweet rt tweet tweets twitter http https www com html href follow follower followers following
        followback dm lol omg haha lmao pls plz u ur im ive dont cant didnt doesnt isnt thats gt lt nbsp via cc
    """,
}

STOP_WORDS: frozenset[str] = frozenset(word for words in _WORDS.values() for word in words.split())
