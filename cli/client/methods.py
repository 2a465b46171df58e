"""The RPCs that the command line calls, by name."""

from google.protobuf.descriptor import ServiceDescriptor
from puremusic.auth.v1 import auth_pb2 as auth
from puremusic.fusion.v1 import fusion_pb2 as fusion
from puremusic.gateway.v1 import gateway_pb2 as gateway
from puremusic.ingest.v1 import ingest_pb2 as ingest
from puremusic.mir.v1 import mir_pb2 as mir
from puremusic.separation.v1 import separation_pb2 as separation

from cli.client.contract import method

_AUTH: ServiceDescriptor = auth.DESCRIPTOR.services_by_name["AuthService"]
_TRACKS: ServiceDescriptor = ingest.DESCRIPTOR.services_by_name["TracksService"]
_SEPARATIONS: ServiceDescriptor = separation.DESCRIPTOR.services_by_name["SeparationsService"]
_ANALYSES: ServiceDescriptor = mir.DESCRIPTOR.services_by_name["AnalysesService"]
_FUSIONS: ServiceDescriptor = fusion.DESCRIPTOR.services_by_name["FusionsService"]
_JOBS: ServiceDescriptor = gateway.DESCRIPTOR.services_by_name["JobsService"]
_LIBRARY: ServiceDescriptor = gateway.DESCRIPTOR.services_by_name["LibraryService"]
_ADMIN: ServiceDescriptor = gateway.DESCRIPTOR.services_by_name["AdminService"]

REGISTER = method(_AUTH, "Register", auth.RegisterRequest, auth.Session)
LOGIN = method(_AUTH, "Login", auth.LoginRequest, auth.Session)
REFRESH = method(_AUTH, "Refresh", auth.RefreshRequest, auth.Session)
LOGOUT = method(_AUTH, "Logout", auth.LogoutRequest, auth.LogoutResponse)
GET_ME = method(_AUTH, "GetMe", auth.GetMeRequest, auth.User)
DELETE_ME = method(_AUTH, "DeleteMe", auth.DeleteMeRequest, auth.DeleteMeResponse)
ISSUE_RESET_TOKEN = method(_AUTH, "IssueResetToken", auth.IssueResetTokenRequest, auth.IssueResetTokenResponse)
CREATE_API_KEY = method(_AUTH, "CreateApiKey", auth.CreateApiKeyRequest, auth.CreateApiKeyResponse)
LIST_API_KEYS = method(_AUTH, "ListApiKeys", auth.ListApiKeysRequest, auth.ListApiKeysResponse)
REVOKE_API_KEY = method(_AUTH, "RevokeApiKey", auth.RevokeApiKeyRequest, auth.RevokeApiKeyResponse)
EXCHANGE_API_KEY = method(_AUTH, "ExchangeApiKey", auth.ExchangeApiKeyRequest, auth.ExchangeApiKeyResponse)
ROTATE_KEYS = method(_AUTH, "RotateKeys", auth.RotateKeysRequest, auth.RotateKeysResponse)

CREATE_TRACK = method(_TRACKS, "CreateTrack", ingest.CreateTrackRequest, ingest.CreateTrackResponse)
GET_UPLOAD = method(_TRACKS, "GetUpload", ingest.GetUploadRequest, ingest.Upload)
COMPLETE_UPLOAD = method(_TRACKS, "CompleteUpload", ingest.CompleteUploadRequest, ingest.Track)
GET_TRACK = method(_TRACKS, "GetTrack", ingest.GetTrackRequest, ingest.Track)
LIST_TRACKS = method(_TRACKS, "ListTracks", ingest.ListTracksRequest, ingest.ListTracksResponse)
GET_TRACK_DOWNLOAD = method(_TRACKS, "GetDownloadUrl", ingest.GetDownloadUrlRequest, ingest.GetDownloadUrlResponse)
TAKEDOWN = method(_TRACKS, "TakedownContent", ingest.TakedownContentRequest, ingest.TakedownContentResponse)

CREATE_SEPARATION = method(_SEPARATIONS, "CreateSeparation", separation.CreateSeparationRequest, separation.Separation)
GET_SEPARATION = method(_SEPARATIONS, "GetSeparation", separation.GetSeparationRequest, separation.Separation)
LIST_SEGMENTS = method(_SEPARATIONS, "ListSegments", separation.ListSegmentsRequest, separation.ListSegmentsResponse)
LIST_MODELS = method(_SEPARATIONS, "ListModels", separation.ListModelsRequest, separation.ListModelsResponse)
LIST_STEMS = method(_SEPARATIONS, "ListStems", separation.ListStemsRequest, separation.ListStemsResponse)
GET_STEM_DOWNLOAD = method(
    _SEPARATIONS, "GetStemDownloadUrl", separation.GetStemDownloadUrlRequest, separation.DownloadUrl
)

BATCH_GET_ANALYSES = method(_ANALYSES, "BatchGetAnalyses", mir.BatchGetAnalysesRequest, mir.BatchGetAnalysesResponse)
GET_ANALYSIS = method(_ANALYSES, "GetAnalysis", mir.GetAnalysisRequest, mir.Analysis)
UPDATE_ANALYSIS = method(_ANALYSES, "UpdateAnalysis", mir.UpdateAnalysisRequest, mir.Analysis)
CREATE_ANALYSIS = method(_ANALYSES, "CreateAnalysis", mir.CreateAnalysisRequest, mir.Analysis)

CREATE_FUSION = method(_FUSIONS, "CreateFusion", fusion.CreateFusionRequest, fusion.Fusion)
GET_FUSION = method(_FUSIONS, "GetFusion", fusion.GetFusionRequest, fusion.Fusion)
LIST_FUSIONS = method(_FUSIONS, "ListFusions", fusion.ListFusionsRequest, fusion.ListFusionsResponse)
UPDATE_FUSION = method(_FUSIONS, "UpdateFusion", fusion.UpdateFusionRequest, fusion.Fusion)
GET_FUSION_DOWNLOAD = method(_FUSIONS, "GetDownloadUrl", fusion.GetDownloadUrlRequest, fusion.GetDownloadUrlResponse)

CREATE_FROM_RECEIPT = method(_FUSIONS, "CreateFusionFromReceipt", fusion.CreateFusionFromReceiptRequest, fusion.Fusion)
SUGGEST_FUSION = method(_FUSIONS, "SuggestFusion", fusion.SuggestFusionRequest, fusion.SuggestFusionResponse)
GET_RECEIPT = method(_FUSIONS, "GetReceipt", fusion.GetReceiptRequest, fusion.GetReceiptResponse)
GET_COMPATIBILITY = method(_FUSIONS, "GetCompatibility", fusion.GetCompatibilityRequest, fusion.Compatibility)
RANK_TRACKS = method(_FUSIONS, "RankTracks", fusion.RankTracksRequest, fusion.RankTracksResponse)

GET_JOB = method(_JOBS, "GetJob", gateway.GetJobRequest, gateway.Job)
LIST_JOBS = method(_JOBS, "ListJobs", gateway.ListJobsRequest, gateway.ListJobsResponse)
WATCH_JOBS = method(_JOBS, "WatchJobs", gateway.WatchJobsRequest, gateway.WatchJobsResponse)
CANCEL_JOB = method(_JOBS, "CancelJob", gateway.CancelJobRequest, gateway.Job)
GET_USAGE = method(_JOBS, "GetUsage", gateway.GetUsageRequest, gateway.Usage)
GET_CARD = method(_LIBRARY, "GetCard", gateway.GetCardRequest, gateway.TrackCard)
LIST_CARDS = method(_LIBRARY, "ListCards", gateway.ListCardsRequest, gateway.ListCardsResponse)

LIST_DEAD_LETTERS = method(_ADMIN, "ListDeadLetters", gateway.ListDeadLettersRequest, gateway.ListDeadLettersResponse)
REQUEUE_DEAD_LETTERS = method(
    _ADMIN, "RequeueDeadLetters", gateway.RequeueDeadLettersRequest, gateway.RequeueDeadLettersResponse
)
REBUILD_READ_MODEL = method(
    _ADMIN, "RebuildReadModel", gateway.RebuildReadModelRequest, gateway.RebuildReadModelResponse
)
COLLECT_GARBAGE = method(_ADMIN, "CollectGarbage", gateway.CollectGarbageRequest, gateway.CollectGarbageResponse)
