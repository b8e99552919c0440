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


def step_lines(rows):
    precisions = list(rows[0]["ours"])
    head = ["Work", "PyTorch, images/s", "its best way"]
    for precision in precisions:
        head += [f"gapbench {precision}, images/s", "ratio", "required", "aim", ""]
    yield head
    for row in rows:
        peer = row["peer"]
        line = [row["name"], speed(row["batch"], peer["turns"]),
                f"{peer['threads']} threads, {peer['format']}, memory {peer['memory']}"]
        for precision in precisions:
            ours = row["ours"][precision]
            middle = statistics.median(ours["ratios"])
            line += [speed(row["batch"], ours["turns"]), spread(ours["ratios"], times),
                     f"{ours['must']} ×", f"{ours['aim']} ×",
                     verdict(middle >= ours["must"], middle >= ours["aim"])]
        yield line


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
    yield ["Work", "Threads", "Memory format", "Freed memory is", "PyTorch, images/s"]
    for row in rows:
        for variant in row["variants"]:
            yield [row["name"], str(variant["threads"]), variant["format"], variant["memory"],
                   speed(row["batch"], [variant])]


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
    if result["steps"]:
        parts.append(table(step_lines(result["steps"])))
    if result["shares"]:
        parts.append(table(share_lines(result["shares"])))
    if result["steps"]:
        parts.append("Every way to run PyTorch that was tried:\n\n"
                     + table(variant_lines(result["steps"])))
    return "\n\n".join(parts) + "\n"
