"""The result of compare.py as Markdown."""

import statistics


def spread(ratios, form):
    middle = form(statistics.median(ratios))
    if len(ratios) == 1:
        return middle
    return f"{middle} ({form(min(ratios))} to {form(max(ratios))})"


def times(ratio):
    return f"{ratio:.2f} ×"


def percent(ratio):
    return f"{100 * ratio:.1f} %"


def speed(batch, turns):
    return f"{batch / statistics.median(t['step_seconds'] for t in turns):.4g}"


def verdict(reached, aimed):
    return "aim reached" if aimed else "reached" if reached else "**missed**"


def way_text(way):
    return f"{way['precision']}, {way['threads']} threads, {way['format']}, memory {way['memory']}"


def shares_of_peak(turns, peaks):
    """Of every peak that this machine has, of all cores."""
    rate = statistics.median(t["step_flops"] / t["step_seconds"] for t in turns)
    return [percent(rate / peaks[kind]) for kind in peaks if peaks[kind]]


def step_lines(rows, precision, peaks):
    yield ["Work", "PyTorch, images/s", "its best way", f"gapbench {precision}, images/s", "ratio", "required", "aim",
           "", *(f"of peak, {kind}" for kind in peaks if peaks[kind])]
    for row in rows:
        column = row["ours"][precision]
        middle = statistics.median(column["ratios"])
        yield [row["name"], speed(row["batch"], column["peer_turns"]), way_text(column["peer"]),
               speed(row["batch"], column["turns"]), spread(column["ratios"], times),
               f"{column['must']} ×", f"{column['aim']} ×",
               verdict(middle >= column["must"], middle >= column["aim"]),
               *shares_of_peak(column["turns"], peaks)]


def share_lines(rows):
    yield ["Work", "gapbench", "required", "aim", "", "PyTorch's own"]
    for row in rows:
        form = percent if row.get("percent") else times
        middle = statistics.median(row["ratios"])
        if "least" in row:
            bound, reached = f"≥ {form(row['least'])}", middle >= row["least"]
        else:
            bound, reached = f"≤ {form(row['most'])}", middle <= row["most"]
        aim = form(row["aim"]) if "aim" in row else ""
        yield [row["name"], spread(row["ratios"], form), bound, aim,
               verdict(reached, "aim" in row and middle <= row["aim"]),
               spread(row["peer_ratios"], form) if "peer_ratios" in row else ""]


def variant_lines(rows):
    yield ["Work", "Precision", "Threads", "Memory format", "Freed memory is", "PyTorch, images/s"]
    for row in rows:
        for variant in row["variants"]:
            rate = "fails" if "error" in variant else speed(row["batch"], [variant])
            yield [row["name"], variant["precision"], str(variant["threads"]), variant["format"],
                   variant["memory"], rate]


def table(lines):
    head, *rest = lines
    return "\n".join("| " + " | ".join(line) + " |"
                     for line in [head, ["---"] * len(head), *rest])


def markdown(result, quick):
    machine, settings = result["machine"], result["settings"]
    load = machine["load_average"]
    parts = ["# gapbench against PyTorch"]
    if quick:
        parts.append("**A quick run to see that it works: these numbers say nothing.**")
    parts.append(
        f"{machine['cpu']} (family/model {machine['family_model']}), {machine['cores']} cores, "
        f"{' '.join(machine['isa'])}, {machine['memory']}, {machine['kernel']}, load "
        f"{load[0]:.2f} before.\n{result['gapbench']}.\nPyTorch {machine['python3-torch']} with "
        f"{machine['blas']}, libdnnl {machine['libdnnl']}.")
    parts.append(
        f"32x32x3, batch {settings['batch']}, micro-batches of {settings['micro_batch']} in "
        f"gapbench; {settings['rounds']} pairs of turns of {settings['seconds']:g} s, each ratio "
        "the median over the pairs (smallest to largest).")
    disturbed = [f"{row} ({count} of {turns} turns)"
                 for row, (count, turns) in result["disturbed"].items() if count]
    if disturbed:
        parts.append("**Other processes were at work** during: " + "; ".join(disturbed) + ".")
    peaks = result["peaks"]
    if result["steps"]:
        parts.append("Measured peaks of all cores together: "
                     + ", ".join(f"{kind} {peaks[kind] / 1e9:.4g} GFLOP/s"
                                 for kind in peaks if peaks[kind])
                     + ". Shares count a multiply-add as 2 and taps on padding, and nothing elementwise; "
                       "Winograd's algorithm needs fewer than are counted.")
        for precision in result["steps"][0]["ours"]:
            against = "in f32" if precision == "f32" else "in f32 or under autocast, whichever is faster"
            parts.append(f"gapbench in {precision} against PyTorch {against}:\n\n"
                         + table(step_lines(result["steps"], precision, peaks)))
    if result["shares"]:
        parts.append(table(share_lines(result["shares"])))
    if result["steps"]:
        parts.append("Every way to run PyTorch that was tried:\n\n"
                     + table(variant_lines(result["steps"])))
    return "\n\n".join(parts) + "\n"
