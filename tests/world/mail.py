"""Mail for the hero of the invented world: mentions with what they are for, and her answers to some of them.

Laid over the world by the tests that need an inbox; the package's own world stays as it is.
"""

from __future__ import annotations

from datetime import timedelta

from tweetfocus.data.dataset import Dataset
from tweetfocus.data.records import Follow, Post

from .plant import END

__all__ = ["ANSWERED", "HERO", "MAIL", "SMALL_TALK", "SPAM", "mail"]

HERO = "mara_lindqvist"

# (author, days before the end, kind, text); those of people who are relevant or courteous, and some who are neither
MAIL: tuple[tuple[str, int, str, str], ...] = (
    ("kwh_kasia", 3, "question", "@mara_lindqvist how far back do you rebuild a feeder when its meter mapping changes?"),
    (
        "forecast_femi",
        9,
        "question",
        "@mara_lindqvist would you show me how you turn quantiles into something the desk can read",
    ),
    ("dst_dragan", 21, "question", "@mara_lindqvist which of your tests caught the 25 hour day, the dbt one or the older one"),
    ("paula_profiles", 5, "question", "Still puzzled by the plateau, @mara_lindqvist. Is it the heat pumps or the schools?"),
    ("ines_comptage", 12, "question", "@mara_lindqvist vous gardez combien de temps les index bruts ?"),
    ("sql_henrik", 30, "question", "@mara_lindqvist do you ever reindex that BRIN, or does it just stay good"),
    ("chef_ottavio", 4, "question", "@mara_lindqvist which oven would you take for a kitchen with 20 kW in all?"),
    (
        "meterdata_joe",
        7,
        "comment",
        "@mara_lindqvist rule 31 has found its second reading. Also correct. We are thinking of framing it",
    ),
    (
        "roisin_grid",
        15,
        "comment",
        "@mara_lindqvist our substation list disagrees with itself since the merger, so you are ahead of us",
    ),
    (
        "nikhil_feeders",
        2,
        "comment",
        "@mara_lindqvist nothing says winter like four feeders and one spreadsheet, I keep a candle lit",
    ),
    ("pv_yusuf", 6, "comment", "@mara_lindqvist the hamster wheel would have exported more than our roof did this week"),
    ("camille_dbt", 1, "thanks", "@mara_lindqvist merci beaucoup, ça marche"),
    ("wen_pipelines", 8, "thanks", "@mara_lindqvist thank you so much for the pointer!"),
    ("scada_signe", 10, "thanks", "@mara_lindqvist thanks, that was quick 🙏"),
    (
        "leo_loadcurve",
        11,
        "repost",
        "RT @mara_lindqvist: Quantile forecasts beat point forecasts in every conversation I've had",
    ),
    (
        "tobias_okafor",
        13,
        "repost",
        "RT @mara_lindqvist: reviewing a PR with SELECT DISTINCT in it is like smelling gas in the stairwell",
    ),
    ("ola_streams", 3, "other", "@mara_lindqvist 😂😂😂"),
    ("parquet_pete", 14, "other", "@mara_lindqvist lol"),
)
# asked, and answered by the hero some days later
ANSWERED: tuple[tuple[str, int, str], ...] = (
    ("tamsin_tariff", 20, "@mara_lindqvist how many households are in that pilot?"),
    ("dr_flexload", 18, "@mara_lindqvist did you publish the baseline comparison?"),
    ("heatpump_hal", 25, "@mara_lindqvist do you want the traces as parquet or csv?"),
)
SPAM: tuple[tuple[str, int, str], ...] = (
    (
        "bigdata_hub247",
        2,
        "@mara_lindqvist which big data tool do you use? We have 10 of them https://bigdatahub.example/top-10-tools",
    ),
    ("etl_sql_daily", 3, "@mara_lindqvist great post sir, is your ETL ready for AI? https://etlsqldaily.example/a/1046"),
)
# how the posts begin that relevant followers of the hero write about other things than their field
SMALL_TALK: tuple[str, ...] = (
    "40 cm of new snow",
    "Test match on the radio",
    "three trains, two replacement buses",
    "Four seasons before lunch",
    "Coffee machine on our floor",
    "Choir rehearsal moved",
    "rain sideways, bike chain off",
    "Sardine season has started",
    "Eleven knitted jumpers",
    "Took the kids to the sea",
    "First ice on the canal",
    "New bike, same headwind",
    "Under-9s lost 11-0",
    "Jollof debate reopened",
    "Neige jusqu'en bas de Chartreuse",
    "Le TER de 7 h 12",
    "Premier barbecue de l'année",
    "galette-saucisse à 10 h",
    "TER supprimé, le suivant aussi",
    "On a perdu 3-0",
)


def mail(world: Dataset) -> Dataset:
    """The world with the mail in it, with the hero's answers, and with one correspondent whom she has muted."""

    def post(author: str, days: float, text: str, name: str) -> Post:
        account = world.account(f"@{author}").account_id
        return Post(account_id=account, post_id=name, text=text, created_at=END - timedelta(days=days))

    posts = [post(author, days, text, f"mail-{place}") for place, (author, days, _, text) in enumerate(MAIL)]
    posts += [post(author, days, text, f"asked-{place}") for place, (author, days, text) in enumerate(ANSWERED)]
    posts += [post(HERO, days - 2, f"@{author} yes, more on Monday", f"answer-{author}") for author, days, _ in ANSWERED]
    posts += [post(author, days, text, f"spam-{place}") for place, (author, days, text) in enumerate(SPAM)]
    posts.append(post("vera_substn", 2, "@mara_lindqvist are you at the metering days?", "protected"))
    posts.append(post("finn_feeder", 2, "@mara_lindqvist are you at the relay days?", "muted"))
    muted = Follow(source_id=world.account(f"@{HERO}").account_id, target_id=world.account("@finn_feeder").account_id)
    return world.update(Dataset.from_records(posts=posts, mutes=[muted]))
