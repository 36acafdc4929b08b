"""The invented people and posts of a fresh square.

Owns: sample content, nothing else.
Promises: everybody and everything in it is made up and harmless.
Never does: run twice; it fills an empty site only.
"""

import sqlite3
from datetime import timedelta

from . import store

PEOPLE = (
    ("Mara Linden", "Repairs kettles. Owns nineteen."),
    ("Tomek Wrona", "Gotuję, potem myślę."),
    ("Ottilie Brandt", "Harbour festival, tent four. Ask me about ropes."),
    ("سلمى النجار", "أحب الخبز الساخن والصباح الهادئ."),
    ("Jules Ferran", "Cycles slowly, arrives anyway."),
    ("Ines Kovar", "Keeps bees on a roof. The bees keep her."),
    ("Old Pico", "Was here before the fountain."),
)

POSTS = (
    (6, "en", "Good morning, square. The fountain is running again. It squeaks, but it runs.", ""),
    (
        0,
        "en",
        "Never descale a copper kettle with anything stronger than lemon. Slice, boil, wait, rinse. It sings.",
        "",
    ),
    (1, "pl", "Barszcz na sobotę: buraki, zakwas, czosnek, majeranek. Nie gotować po dodaniu zakwasu!", ""),
    (4, "en", "Rode along the canal today. Forty kilometres, three herons, one puncture. The herons watched.", ""),
    (3, "ar", "وصفة خبز البيت: طحين وماء وملح وخميرة، ثم صبر ساعتين. رائحة المطبخ وحدها تكفي.", ""),
    (4, "fr", "Quelqu’un prête une pompe à vélo jusqu’à demain ? Rendue avec une baguette.", ""),
    (1, "pl", "Zupa gotowa. Kto ma chleb?", "soup"),
    (3, "ar", "عندي خبز يا توميك! أحضر الحساء وألتقي بكم عند النافورة.", ""),
    (5, "en", "The first lime blossom honey is in. Small jars, small swarm, big taste.", ""),
    (0, "en", "Number nineteen came home today. Dented, lovely, 1954.", "kettle"),
    (6, "en", "Market moves to the shady side from Monday. You are welcome, tomatoes.", ""),
    (2, "en", "Harbour festival is on! Bunting is up, boats are in, and tent four has coffee from eight.", "harbour"),
)
"""Author, language, text, and the drawing of `pictures` that goes with it."""

ALT = {
    "soup": "A bowl of beetroot soup with dill, seen from above",
    "kettle": "A dented copper kettle, steaming",
    "harbour": "Bunting over a harbour with three sailing boats",
}


def fill(db: sqlite3.Connection) -> None:
    """Put everybody and everything in; pictures only where Pillow is installed."""
    people = [store.add_user(db, name, bio) for name, bio in PEOPLE]
    drawn = _draw()
    first_at = store.now() - timedelta(hours=3 * len(POSTS))
    for number, (author, language, text, drawing) in enumerate(POSTS):
        at = store.stamp(first_at + timedelta(hours=3 * number))
        post = store.add_post(db, people[author].id, text, language, "public", at)
        if drawing in drawn:
            store.add_picture(db, post, "image/jpeg", drawn[drawing], ALT[drawing])


def _draw() -> dict[str, bytes]:
    try:
        from . import pictures
    except ImportError:
        return {}
    return {name: pictures.jpeg(getattr(pictures, name)()) for name in ALT}
