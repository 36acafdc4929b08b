"""The forms of the Regulation: Annex I as an order brings it, Annexes II and III as the platform answers.

Owns: their fields, from which the JSON Schema is made, and the sealed copy of an order.
Promises: sizes are bounded; what is missing in an Annex I is no error here, so that an incomplete order is received and
asked about (TCO Art 3(8)); names and sections follow the annexes of Regulation (EU) 2021/784.
Never does: judge completeness (`checks` does).

Not compared with the Official Journal yet: sections C to G of Annex I, and Annexes II and III.
"""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from beffroi.ground.kernel.limits import (
    EMAIL_CHARS_MAX,
    NAME_CHARS_MAX,
    NOTICE_CHARS_MAX,
    ORDER_ITEMS_MAX,
    POSTAL_CHARS_MAX,
    REASON_CHARS_MAX,
    URL_CHARS_MAX,
)

from .model import Ground, Measure, Obstacle

_STRIPPED = AfterValidator(str.strip)  # after the length, which the schema counts with the blanks
Name = Annotated[str, Field(max_length=NAME_CHARS_MAX), _STRIPPED]
Email = Annotated[str, Field(max_length=EMAIL_CHARS_MAX), _STRIPPED]
Country = Annotated[str, StringConstraints(pattern="^([A-Z]{2})?$")]
Address = Annotated[str, Field(max_length=POSTAL_CHARS_MAX), _STRIPPED]
Reasons = Annotated[str, Field(max_length=NOTICE_CHARS_MAX), _STRIPPED]
Words = Annotated[str, Field(max_length=REASON_CHARS_MAX), _STRIPPED]
Url = Annotated[str, Field(max_length=URL_CHARS_MAX), _STRIPPED]


class Form(BaseModel):
    """Base of all forms."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Officer(Form):
    """Annex I, section E: the authority, or who certifies for it."""

    name: Name = ""
    representative_name: Name = ""
    post_held: Name = ""
    file_no: Name = ""
    address: Address = ""
    tel: Name = ""
    email: Email = ""


class Redress(Form):
    """Annex I, section G."""

    body_or_court: Name = ""
    deadline: Words = ""
    legislation_link: Url = ""


class AnnexI(Form):
    """A removal order (TCO Art 3(4)), section by section."""

    # A
    issuing_member_state: Country = ""
    addressee: Name = ""
    legal_representative: Name = ""
    contact_point: Email = ""
    member_state_of_main_establishment_or_legal_representative: Country = ""
    issued_at: AwareDatetime | None = None
    reference_number: Name = ""
    # B
    urls: Annotated[tuple[Url, ...], Field(max_length=ORDER_ITEMS_MAX)] = ()
    additional_identification: Reasons = ""
    grounds: Annotated[tuple[Ground, ...], Field(max_length=len(Ground))] = ()
    additional_reasons: Reasons = ""
    # C
    non_disclosure: bool = False
    non_disclosure_decided_at: AwareDatetime | None = None
    # D
    is_cross_border: bool = False
    copy_sent_to_establishment_authority: bool = False
    # E
    authority_type: Name = ""
    authority: Officer = Officer()
    # F
    feedback_contact: Email = ""
    establishment_authority_contact: Email = ""
    # G
    redress: Redress = Redress()


class AnnexII(Form):
    """Feedback after removal or disabling (TCO Art 3(6))."""

    addressee: Name
    issuing_authority: Name
    authority_file_reference: Name
    addressee_file_reference: Name
    order_received_at: AwareDatetime
    measure: Measure | None
    """None: nothing was done because it was gone already; `already_gone` says so."""
    measure_taken_at: AwareDatetime | None
    urls: tuple[Url, ...]
    already_gone: tuple[Url, ...]
    member_state_of_main_establishment: Country
    contact_point_email: Email
    date: AwareDatetime


class AnnexIII(Form):
    """Impossibility, manifest errors, too little information (TCO Art 3(7) and (8)); the platform's claim."""

    addressee: Name
    issuing_authority: Name
    authority_file_reference: Name
    addressee_file_reference: Name
    order_received_at: AwareDatetime
    reasons: tuple[Obstacle, ...]
    further_information: Reasons
    urls: tuple[Url, ...]
    """Those of which it speaks."""
    contact_email: Email
    date: AwareDatetime
