"""`bot ask --explain`: every step from a typed question to the decision, with its real values."""

from bot.assistant.dialogue import Reply


def explain(reply: Reply) -> str:
    """The steps as lines of text. A reply that was not searched for has only its decision to show."""
    trace = reply.trace
    if not trace:
        return f"decision    {reply.decision} (nothing was searched)"
    signals = "  ".join(f"{name} {value:g}" for name, value in trace["signals"].items())
    lines = [
        f"typed       {trace['typed']}",
        f"spelled out {trace['spelled_out']}",
        f"searched    {trace['query']['text']}",
        f"leaning on  {trace['query']['context'] or '-'}",
        "found       score  cosine  bm25   section",
    ]
    for passage in trace["passages"]:
        values = f"{passage['score']:5.2f}  {passage['cosine']:.4f}  {passage['bm25']:5.2f}"
        lines.append(f"            {values}  {passage['document']} › {passage['section']}")
    steps = "  ".join(f"{name} {milliseconds:.1f} ms" for name, milliseconds in reply.steps_ms.items())
    lines += [f"signals     {signals or '-'}", f"confidence  {reply.confidence:.3f}", f"took        {steps or '-'}"]
    lines.append(f"decision    {reply.decision}")
    if reply.made_by != "composed":
        lines.append(f"made by     {reply.made_by}")
    for call in reply.usage:
        price = "price not known" if call.usd is None else f"{call.usd:.6f} USD"
        tokens = f"{call.tokens_in} tokens read, {call.tokens_out} written"
        lines.append(f"            {call.prompt} by {call.model}: {tokens}, {price}, {call.seconds:.2f} s")
    return "\n".join(lines)
