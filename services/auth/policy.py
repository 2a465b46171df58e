"""Who may call what. Every RPC of the contract has an entry here; a test compares the two."""

from chassis.identity import ADMIN, PUBLIC, READ, Access, Policy

# Only signed-in people have this scope. A leaked API key must not be able to make itself a longer-lived or a wider one,
# nor to touch the account it belongs to.
ACCOUNT_SCOPE = "account"
ACCOUNT = Access(scope=ACCOUNT_SCOPE)

_SERVICE = "/puremusic.auth.v1.AuthService/"

# Public means: no access token. Each of these asks for a credential of its own in the request.
_METHODS: dict[str, Access] = {
    "Register": PUBLIC,
    "Login": PUBLIC,
    "Refresh": PUBLIC,
    "Logout": PUBLIC,
    "ResetPassword": PUBLIC,
    "ExchangeApiKey": PUBLIC,
    "IssueServiceToken": PUBLIC,
    "GetMe": READ,
    "UpdateMe": ACCOUNT,
    "ChangePassword": ACCOUNT,
    "ExportMe": READ,
    "DeleteMe": ACCOUNT,
    "CreateApiKey": ACCOUNT,
    "ListApiKeys": READ,
    "RevokeApiKey": ACCOUNT,
    "IssueResetToken": ADMIN,
    "RotateKeys": ADMIN,
}

POLICY: Policy = {_SERVICE + method: access for method, access in _METHODS.items()}
