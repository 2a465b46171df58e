"""The one table from domain errors to gRPC."""

from google.rpc import code_pb2, error_details_pb2

from chassis import errors, status


def test_every_domain_error_has_a_code() -> None:
    kinds = set(errors.DomainError.__subclasses__())
    assert kinds == set(status.CODES)


def test_codes_are_told_apart() -> None:
    assert len(set(status.CODES.values())) == len(status.CODES)


def test_reason_figures_and_sentence_travel() -> None:
    sent = status.to_status(errors.Exhausted("TRACK_QUOTA", "You have 3 of 3.", limit=3, used=3))
    info = error_details_pb2.ErrorInfo()
    assert sent.details[0].Unpack(info)
    assert (sent.code, sent.message) == (code_pb2.RESOURCE_EXHAUSTED, "You have 3 of 3.")
    assert (info.reason, info.domain, dict(info.metadata)) == ("TRACK_QUOTA", "puremusic", {"limit": "3", "used": "3"})
