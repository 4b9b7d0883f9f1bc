"""What the reference adapter makes of each vendor's recordings.

python -m tests.corpus.table              writes docs/corpus.md
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path

from conformance.replay.server import ReplayServer
from tests.corpus import anthropic_messages, bedrock_converse, cohere_chat, gemini, openai_responses
from tests.corpus.exchanges import ABSENT, OWN_PROTOCOL, Recording, present, recordings
from tests.corpus.player import Outcome, play

Play = Callable[[Recording, ReplayServer], Coroutine[None, None, Outcome]]

# Protocols that have their own `recordings` and `play`.
OTHERS = (anthropic_messages, bedrock_converse, cohere_chat, gemini, openai_responses)
PAGE = Path(__file__).parents[2] / "docs" / "corpus.md"

HEAD = """# Real recordings

{counts}

The exchanges are public test recordings of open-source projects under permissive licences, scrubbed of secrets. They
are not part of this repository: the corpus names the source, commit and licence of each, and its `NOTICE.md` all of
them. Recorders drop headers, reorder keys and shorten texts, and one example of each shape is kept: the counts do not
tell how often a thing happens.

Each answer is played by the replay server to the httpx reference adapter of its protocol (`conformance.reference`),
streams also one byte a read. What comes back must equal what a second, independent reading of the body says: text,
reasoning, refusal, tool calls with their arguments, finish reason, token counts, model, id, vectors. Or it is an error
of a kind that fits. Streams of Claude on Bedrock are put from Amazon's binary frames into server-sent events first, as
the official SDK does; streams of Gemini without `alt=sse` are one JSON array, which a variant of its adapter reads.
`python -m tests.corpus.table` writes this page; `pytest tests/corpus` checks it and every exchange. Both look for the
corpus in `$CONFORMANCE_CORPUS`, or in `../shared/corpus` beside the project.

## What was learned

Where recordings showed the reference adapter wrong, it was mended:

- A stream of several choices was mixed into one text (LiteLLM, Mistral): deltas belong to the choice of their index.
- Reasoning among the parts of the content (Mistral) or in `reasoning_details` alone (Snowflake) was lost.
- A `function_call`, from before there were `tool_calls`, was lost, though its finish reason told of a call (OpenAI).
- Content that is a JSON object in place of its text (Cloudflare) was refused; now it is its JSON text.
- A choice that a filter stopped and that has no message (Azure) was malformed; now it is of kind content_filter.
- Vectors that are not float32 were read as if they were: Perplexity's are int8 in base64, and nothing in its answer
  says so. Numbers that are not finite are refused now; bytes that happen to be finite cannot be told apart.

The kit has new cases: an empty or missing finish reason (RSP-003), content in parts with reasoning among them (RSP-008,
RSP-018), unused fields sent empty (RSP-013), a filtered choice without a message (MAL-006), ids and names repeated or
empty in the pieces of a tool call (TOL-003, TOL-004).

An error under status 200 is right where there is no answer: tool arguments cut off by the length limit (DeepSeek,
OpenAI), an error object (Azure), an error inside the stream (Groq, OpenRouter), or the call of a custom tool, for which
the contract has no word. It has none for audio either: an answer in audio alone is read as an empty text.

## By dialect

Errors are counted by kind; those that came under status 200 are named so.

| dialect | exchanges | replies | typed errors | not handled, and why |
|---|---:|---:|---|---|
"""


def page() -> str:
    handled = [(r, play) for r, play in everything() if r.operation]
    with ReplayServer() as server:
        kinds = {r.id: kind(r, play, server) for r, play in handled}
    rows: dict[str, list[Recording]] = defaultdict(list)
    for recording, _ in everything():
        rows[recording.vendor].append(recording)
    replies = sum(1 for k in kinds.values() if k is None)
    counts = (
        f"{len(handled)} real exchanges of {len({r.vendor for r, _ in handled})} dialects,"
        f" {sum(r.is_event_stream for r, _ in handled)} of them streams:"
        f" {replies} replies and {len(handled) - replies} typed errors."
    )
    return HEAD.format(counts=counts) + "".join(line(vendor, rows[vendor], kinds) for vendor in sorted(rows))


def everything() -> Iterator[tuple[Recording, Play]]:
    """Each recording once: what has a protocol of its own is not looked for among the rest."""
    own = {r.id: (r, module.play) for module in OTHERS for r in module.recordings()}
    yield from own.values()
    yield from ((r, play) for r in recordings() if r.id not in own)


def kind(recording: Recording, play: Play, server: ReplayServer) -> str | None:
    error = asyncio.run(play(recording, server)).error
    if error is None:
        return None
    return f"{error.kind} under 200" if recording.status == 200 else error.kind


def line(vendor: str, recordings: list[Recording], kinds: dict[str, str | None]) -> str:
    outcomes = [kinds[r.id] for r in recordings if r.operation]
    errors = listed(Counter(filter(None, outcomes)))
    others = listed(Counter(why(r) for r in recordings if not r.operation))
    return f"| {vendor} | {len(recordings)} | {outcomes.count(None)} | {errors or '-'} | {others or '-'} |\n"


def listed(things: Counter[str]) -> str:
    return ", ".join(f"{count} {thing}" for thing, count in sorted(things.items()))


def why(recording: Recording) -> str:
    if recording.vendor in OWN_PROTOCOL:
        return "a protocol of its own"
    method, path = recording.route.split()
    return f"another route: {method} …/{re.split('[/:]', path)[-1]}"


def main() -> None:
    if not present():
        sys.exit(ABSENT)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {sum(1 for _ in everything())} exchanges")


if __name__ == "__main__":
    main()
