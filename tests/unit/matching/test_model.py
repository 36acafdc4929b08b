from dataclasses import replace

from beffroi.ground.kernel.clock import EPOCH
from beffroi.ground.kernel.ids import BankId, EntryId, ItemId, MatchId
from beffroi.matching.model import BankTerms, ContentGround, LegalCategory, Match, Standing

MATCH = Match(
    id=MatchId("mat_1"),
    item=ItemId("itm_1"),
    revision=1,
    entry=EntryId("ent_1"),
    bank=BankId("bnk_1"),
    type="pdq",
    source="media:0",
    distance=6,
    standing=Standing.ACTING,
    confirmed_here=False,
    spans=(),
    silenced_by=None,
    verdict=None,
    verdict_at=None,
    at=EPOCH,
)


def test_only_an_acting_match_is_not_merely_observed():
    assert [standing for standing in Standing if not replace(MATCH, standing=standing).observed] == [Standing.ACTING]


def test_a_bank_serves_one_law_only():
    assert list(LegalCategory) == [LegalCategory.TERRORIST_CONTENT]
    assert BankTerms("n", "p").legal_category is LegalCategory.TERRORIST_CONTENT


def test_the_grounds_are_the_five_of_article_2_7():
    assert [ground.value for ground in ContentGround] == [f"tco-2-7-{letter}" for letter in "abcde"]
