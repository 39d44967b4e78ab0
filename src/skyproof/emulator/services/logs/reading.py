"""Reading log events: those of one stream, or what a pattern finds in a group.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

from skyproof.emulator.errors import OperationNotImplementedError
from skyproof.emulator.service import Call, Params, Regional, Result
from skyproof.emulator.services.logs import pages, patterns
from skyproof.emulator.services.logs.events import LogStream, id_at, written
from skyproof.emulator.services.logs.lookup import group_asked_for, stream_named
from skyproof.emulator.services.logs.pages import MAX_EVENTS, Token
from skyproof.emulator.services.logs.store import Group, Store
from skyproof.emulator.services.logs.validation import invalid, operation

#: Later than any event.
_NEVER = 1 << 63
#: "Setting startFromHead to false is supported only when startTime is on or after Jan 1, 2024."
_BACKWARD_SINCE = 1_704_067_200_000


class Reading:
    """The operations that give events as they came."""

    stores: Regional[Store]

    @operation("GetLogEvents")
    def get_log_events(self, call: Call, params: Params) -> Result:
        group = group_asked_for(self.stores, call, params)
        stream = stream_named(group, params["logStreamName"])
        group.forget_expired(call.world.clock.now())
        first = id_at(params.get("startTime", 0))
        # "Events with a timestamp equal to or later than this time are not included."
        end = id_at(params.get("endTime", _NEVER))
        token = _token(params, first, end, forward=params.get("startFromHead", False))
        found = stream.between(*token.narrowed(first, end))
        page, _ = pages.fill(
            found if token.forward else reversed(found), params.get("limit", MAX_EVENTS)
        )
        page.sort()
        if page:
            before, after = page[0].id, page[-1].id + 1
        else:
            before = after = token.place if "nextToken" in params else first
        return {
            "events": [
                {
                    "timestamp": event.timestamp,
                    "message": event.message,
                    "ingestionTime": event.ingested,
                }
                for event in page
            ],
            "nextBackwardToken": str(Token(forward=False, place=before)),
            "nextForwardToken": str(Token(forward=True, place=after)),
        }

    @operation("FilterLogEvents")
    def filter_log_events(self, call: Call, params: Params) -> Result:
        group = group_asked_for(self.stores, call, params)
        forward = params.get("startFromHead", True)
        if not forward and params.get("startTime", _NEVER) < _BACKWARD_SINCE:
            raise invalid("startFromHead can be false only with a startTime of 2024 or later.")
        try:
            pattern = patterns.parse(params.get("filterPattern", ""))
        except patterns.PatternError as error:
            raise invalid(f"Invalid filter pattern: {error}") from error
        group.forget_expired(call.world.clock.now())
        first = id_at(params.get("startTime", 0))
        # The other way round than above: what is later than this time is not returned.
        end = id_at(params.get("endTime", _NEVER) + 1)
        token = _token(params, first, end, forward=forward)
        events = group.between(*token.narrowed(first, end), _streams(group, params))
        page, more = pages.fill(
            (
                event
                for event in (events if token.forward else reversed(events))
                if pattern.match(event.message) is not None
            ),
            params.get("limit", MAX_EVENTS),
        )
        answer: dict[str, object] = {
            "events": [
                {
                    "logStreamName": event.stream,
                    "timestamp": event.timestamp,
                    "message": event.message,
                    "ingestionTime": event.ingested,
                    "eventId": written(event.id),
                }
                for event in page
            ],
            # "As of May 15, 2020, this parameter is no longer supported. … an empty list."
            "searchedLogStreams": [],
        }
        if more:
            place = page[-1].id + 1 if token.forward else page[-1].id
            answer["nextToken"] = str(Token(token.forward, place))
        return answer

    @operation("StartLiveTail")
    def start_live_tail(self, call: Call, _: Params) -> Result:
        # The base has an answer, of events that it does not have.
        raise OperationNotImplementedError("logs", call.operation)


def _token(params: Params, first: int, end: int, *, forward: bool) -> Token:
    """Where to begin: at the token, whose direction decides, or at an end of the range."""
    if "nextToken" in params:
        return pages.read(params["nextToken"])
    return Token(forward, first if forward else end)


def _streams(group: Group, params: Params) -> list[LogStream]:
    """The streams that are to be searched.

    Raises:
        AwsError: ResourceNotFoundException for a name, InvalidParameterException for both kinds.
    """
    prefix, names = params.get("logStreamNamePrefix", ""), params.get("logStreamNames")
    if prefix and names:
        raise invalid("Specify either logStreamNames or logStreamNamePrefix.")
    if names:
        return [stream_named(group, name) for name in dict.fromkeys(names)]
    return [one for one in group.streams.values() if one.name.startswith(prefix)]
