"""The policy says something about every method of the contract, and of no other."""

import pytest
from puremusic.auth.v1 import auth_pb2

from chassis.errors import Forbidden
from chassis.identity import Caller
from services.auth.policy import POLICY

SERVICE = auth_pb2.DESCRIPTOR.services_by_name["AuthService"]


def test_every_method_has_an_entry() -> None:
    assert set(POLICY) == {f"/{SERVICE.full_name}/{method.name}" for method in SERVICE.methods}


def test_only_these_need_no_access_token() -> None:
    public = {method.rpartition("/")[2] for method, access in POLICY.items() if access.public}
    assert public == {
        "Register",
        "Login",
        "Refresh",
        "Logout",
        "ResetPassword",
        "ExchangeApiKey",
        "IssueServiceToken",
    }


@pytest.mark.parametrize("method", ["RotateKeys", "IssueResetToken"])
def test_operators_methods_need_the_role(method: str) -> None:
    user = Caller("someone", frozenset({"user"}), frozenset({"read", "write", "account"}), token="")
    with pytest.raises(Forbidden, match="admin"):
        POLICY[f"/{SERVICE.full_name}/{method}"].check(user)


@pytest.mark.parametrize("method", ["CreateApiKey", "RevokeApiKey", "ChangePassword", "DeleteMe", "UpdateMe"])
def test_an_api_keys_token_does_not_reach_the_account(method: str) -> None:
    script = Caller("someone", frozenset({"user"}), frozenset({"read", "write"}), token="")
    with pytest.raises(Forbidden, match="account"):
        POLICY[f"/{SERVICE.full_name}/{method}"].check(script)
