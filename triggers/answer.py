"""One call from request to answer, whatever happens in it."""

import logging
import math
from http import HTTPStatus
from typing import Any, Final

import azure.functions as func

from services.refusals import AzureSilent, BeyondRights, NotNow, UnknownNode
from shared.model.problems import FieldError, Rejected
from store.errors import TooLarge, Unavailable
from triggers import pages
from triggers.access import admit, identify
from triggers.call import ApiServices, Call, Services
from triggers.envelope import ApiFailure, Asked, Found, errors, failure, success
from triggers.handlers import HANDLERS
from triggers.routes import match
from triggers.trail import Trail

NO_ID: Final = "00000000-0000-0000-0000-000000000000"
"""Request id of an answer that was given before there was anything to make ids."""
_log = logging.getLogger(__name__)


async def answer(services: Services, request: func.HttpRequest, client: Any) -> func.HttpResponse:
    """Answer one call: pages as they are, all else in the envelope."""
    asked, trail = Asked.of(request, NO_ID, None), Trail()
    try:
        page = pages.page(request)
        if page is not None:
            return page
        made = await services()
        asked = Asked.of(request, made.new_request_id(), made.clock.now())
        answered = success(asked, await _serve(made, request, client, trail))
    except Exception as error:  # noqa: BLE001 - the envelope is for every failure
        failed = _failure_of(error, asked)
        trail.codes = [str(one.code) for one in failed.errors]
        answered = errors(asked, failed)
    trail.leave(asked, answered.status_code)
    return answered


async def _serve(
    services: ApiServices, request: func.HttpRequest, client: Any, trail: Trail
) -> Found:
    found = match(request.method, request.url)
    if found is None:
        raise failure(HTTPStatus.NOT_FOUND, "ROUTE_NOT_FOUND", "there is no such method and path")
    trail.route = found.route.name
    token = await identify(request, services.tokens)
    trail.token = token.id
    wait_s = services.budget.spend(token.id)
    if wait_s:
        raise _too_many(wait_s)
    caller = await admit(request, token, found.route.role, services.accounts)
    trail.account = caller.account_id
    return await HANDLERS[found.route.name](Call(services, request, client, caller, found))


def _failure_of(error: Exception, asked: Asked) -> ApiFailure:
    """Return what a client reads of this."""
    match error:
        case ApiFailure():
            return error
        case Rejected():
            return ApiFailure(HTTPStatus.BAD_REQUEST, error.errors)
        case BeyondRights():
            return failure(HTTPStatus.FORBIDDEN, "FORBIDDEN", str(error), error.field)
        case UnknownNode():
            return _unknown_node(str(error))
        case NotNow():
            return failure(HTTPStatus.BAD_REQUEST, "ACTION_NOT_ALLOWED", str(error))
        case _:
            return _trouble(error, asked)


def _trouble(error: Exception, asked: Asked) -> ApiFailure:
    """Return what a client reads of trouble; a crash itself goes to the log alone."""
    match error:
        case TooLarge():
            message = "is larger than can be stored: shorten scripts, settings or tags"
            return failure(HTTPStatus.BAD_REQUEST, "DOCUMENT_TOO_LARGE", message, "statefulNode")
        case AzureSilent():
            _log.warning("api.azure_silent", extra={"request_id": asked.id, "why": str(error)})
            message = "Azure did not answer; repeat the call in a moment"
            return failure(HTTPStatus.INTERNAL_SERVER_ERROR, "UNAVAILABLE", message)
        case Unavailable():
            _log.warning("api.store_unavailable", extra={"request_id": asked.id})
            message = "the store did not answer; repeat the call in a moment"
            return failure(HTTPStatus.INTERNAL_SERVER_ERROR, "UNAVAILABLE", message)
        case _:
            _log.error("api.crash", exc_info=error, extra={"request_id": asked.id})
            message = f"something went wrong on our side; the log has it as request {asked.id}"
            return failure(HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", message)


def _unknown_node(message: str) -> ApiFailure:
    """Say it in both codes: one client knows a missing node by the one, one by the other."""
    codes = ("GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST")
    listed = [FieldError(code, f"{code}: {message}", "") for code in codes]
    return ApiFailure(HTTPStatus.BAD_REQUEST, listed)


def _too_many(wait_s: float) -> ApiFailure:
    failed = failure(HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "too many calls; slow down")
    failed.headers["Retry-After"] = str(math.ceil(wait_s))
    return failed
