#!/usr/bin/env python3
"""Distil a Liberty file into a process table for `bitweight estimate`.

    scripts/distill_liberty.py NAME LIBERTY[.gz] > processes/NAME.toml

Cells are recognised by what they compute, not by what they are called: the smallest cell that computes a function
stands for it. Delays are a straight line, `delay-ns + resistance-ns-per-ff * load`, fitted to the delay table at the
output slew of an inverter that drives four inverters (FO4), for loads of 1 to 16 inverter inputs; rise and fall are averaged,
since a path alternates between them, and the worst of an arc's side conditions is taken. Needs nothing but Python 3.9.
"""

import gzip
import itertools
import re
import sys

# Kind of cell -> number of inputs, function of them. The order of the inputs is the order of the pins in the table.
KINDS = {
    "inv": (1, lambda a: not a),
    "buf": (1, lambda a: a),
    "nand2": (2, lambda a, b: not (a and b)),
    "nand3": (3, lambda a, b, c: not (a and b and c)),
    "nand4": (4, lambda a, b, c, d: not (a and b and c and d)),
    "nor2": (2, lambda a, b: not (a or b)),
    "nor3": (3, lambda a, b, c: not (a or b or c)),
    "nor4": (4, lambda a, b, c, d: not (a or b or c or d)),
    "and2": (2, lambda a, b: a and b),
    "or2": (2, lambda a, b: a or b),
    "aoi21": (3, lambda a, b, c: not ((a and b) or c)),
    "oai21": (3, lambda a, b, c: not ((a or b) and c)),
    "aoi22": (4, lambda a, b, c, d: not ((a and b) or (c and d))),
    "oai22": (4, lambda a, b, c, d: not ((a or b) and (c or d))),
    "xor2": (2, lambda a, b: a != b),
    "xnor2": (2, lambda a, b: a == b),
    "mux2": (3, lambda s, one, zero: one if s else zero),
}
# Cells that no synthesiser should pick for logic: clock trees, delay lines, power management.
NEVER = re.compile(r"clk|dly|delay|hold|lpflow|probe|isol|antenna|tie|sdf", re.IGNORECASE)

TOKEN = re.compile(r'"(?:[^"\\]|\\.|\\\n)*"|[A-Za-z0-9_.+\-*!&|^\[\]\']+|[(){}:;,]', re.S)


class Group:
    """A Liberty group: `kind (arguments) { attributes, groups }`."""

    def __init__(self, kind, arguments):
        self.kind, self.arguments, self.attributes, self.groups = kind, arguments, {}, []

    def all(self, kind):
        return [group for group in self.groups if group.kind == kind]

    def first(self, *kinds):
        return next((group for group in self.groups if group.kind in kinds), None)

    def text(self, name, default=""):
        return str(self.attributes.get(name, default)).strip('"')

    def number(self, name, default=0.0):
        value = self.attributes.get(name)
        return default if value is None else float(str(value).strip('"'))


def parse(text):
    """The library group of a Liberty file."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S).replace("\\\n", " ")
    tokens = TOKEN.findall(text)
    root = Group("", [])
    stack, position = [root], 0
    while position < len(tokens):
        token = tokens[position]
        if token == "}":
            stack.pop()
            position += 1
        elif token == ";":
            position += 1
        elif tokens[position + 1] == ":":
            end = position + 2
            words = []
            while tokens[end] != ";" and (tokens[end] != "}" and not (words and tokens[end + 1] in ":(")):
                words.append(tokens[end])
                end += 1
            stack[-1].attributes[token] = " ".join(words)
            position = end
        elif tokens[position + 1] == "(":
            end = tokens.index(")", position)
            arguments = [word for word in tokens[position + 2 : end] if word != ","]
            if end + 1 < len(tokens) and tokens[end + 1] == "{":
                group = Group(token, [word.strip('"') for word in arguments])
                stack[-1].groups.append(group)
                stack.append(group)
                position = end + 2
            else:
                stack[-1].attributes[token] = arguments
                position = end + 1
        else:
            raise SystemExit(f"cannot read Liberty near `{' '.join(tokens[position:position + 8])}`")
    return root.first("library")


def numbers(arguments):
    return [[float(word) for word in re.split(r"[\s,]+", row.strip('" ')) if word] for row in arguments]


def bracket(axis, x):
    """Index and weight for linear interpolation on `axis`; extrapolates from the last pair."""
    if len(axis) == 1:
        return 0, 0.0
    index = max(0, min(len(axis) - 2, sum(1 for value in axis if value <= x) - 1))
    return index, (x - axis[index]) / (axis[index + 1] - axis[index])


class Library:
    """Tables with their units: ns, fF, nW, fJ."""

    def __init__(self, group):
        self.group = group
        factor, unit = group.attributes["capacitive_load_unit"]
        self.cap_ff = float(factor) * {"ff": 1.0, "pf": 1000.0}[unit.strip('"').lower()]
        self.time_ns = self.scale(group.text("time_unit", "1ns"), {"ps": 1e-3, "ns": 1.0})
        self.leak_nw = self.scale(group.text("leakage_power_unit", "1nW"), {"pw": 1e-3, "nw": 1.0, "uw": 1e3})
        self.templates = {t.arguments[0]: t for t in group.groups if "template" in t.kind}
        self.voltage = group.number("nom_voltage")
        self.slew = 0.0

    @staticmethod
    def scale(text, units):
        factor, unit = re.match(r"([0-9.]+)\s*([A-Za-z]+)", text).groups()
        return float(factor) * units[unit.lower()]

    def table(self, group, slew_ns, load_ff):
        """A look-up table at an input slew and an output load, each used where the table has that axis."""
        template = self.templates.get(group.arguments[0]) if group.arguments else None
        point = []
        for axis in ("1", "2"):
            values = group.attributes.get("index_" + axis)
            if values is None and template is not None:
                values = template.attributes.get("index_" + axis)
            if values is None:
                continue
            name = template.text("variable_" + axis) if template is not None else "input"
            x = load_ff / self.cap_ff if "capacitance" in name else slew_ns / self.time_ns
            point.append(bracket(numbers(values)[0], x))
        rows = numbers(group.attributes["values"])
        if len(point) == 2:
            (i, u), (j, v) = point
            low, high = rows[i], rows[min(i + 1, len(rows) - 1)]
            k = min(j + 1, len(low) - 1)
            return (low[j] * (1 - v) + low[k] * v) * (1 - u) + (high[j] * (1 - v) + high[k] * v) * u
        if len(point) == 1 and len(rows[0]) > 1:
            (i, u), row = point[0], rows[0]
            return row[i] * (1 - u) + row[i + 1] * u
        return rows[0][0]

    def capacitance(self, pin):
        return pin.number("capacitance") * self.cap_ff

    def edges(self, arcs, what, load_ff):
        """[rise, fall] of `what` (`cell_` or `_transition` ...) in ns, the worst over the arcs."""
        worst = []
        for edge in ("rise", "fall"):
            tables = [table for arc in arcs for table in arc.all(what.format(edge))]
            worst.append(max((self.table(t, self.slew, load_ff) * self.time_ns for t in tables), default=0.0))
        return worst

    def line(self, arcs, loads):
        """Intercept (ns) and slope (ns/fF) of the mean of the rising and the falling delay."""
        delays = [sum(self.edges(arcs, "cell_{}", load)) / 2 for load in loads]
        mean_x, mean_y = sum(loads) / len(loads), sum(delays) / len(delays)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(loads, delays))
        slope /= sum((x - mean_x) ** 2 for x in loads)
        return mean_y - slope * mean_x, slope

    def internal_energy(self, pin, load):
        """Mean internal energy of one output transition, fJ."""
        values = [
            self.table(table, self.slew, load)
            for power in pin.all("internal_power")
            for table in power.groups
            if table.kind in ("rise_power", "fall_power")
        ]
        return self.cap_ff * sum(values) / len(values) if values else 0.0


def evaluate(function, values):
    """A Liberty function string for an assignment of its pins; `!` and `'` bind tightest, then `^`, `&`, `|`."""
    tokens = re.findall(r"[A-Za-z_]\w*|[01]|[!'^&*+|()]", function)

    def atom():
        token = tokens.pop(0)
        if token == "!":
            return not atom()
        if token == "(":
            value = chain(0)
            tokens.pop(0)
        else:
            value = values[token] if token in values else {"0": False, "1": True}[token]
        while tokens and tokens[0] == "'":
            tokens.pop(0)
            value = not value
        return value

    def chain(level):
        if level == 3:
            return atom()
        value = chain(level + 1)
        while tokens and tokens[0] != ")":
            # Two operands side by side are a conjunction.
            if tokens[0] in ("+|", "&*", "^")[level]:
                tokens.pop(0)
            elif not (level == 1 and re.match(r"\w|[(!]", tokens[0])):
                break
            other = chain(level + 1)
            value = (value or other, value and other, value != other)[level]
        return value

    return chain(0)


def pins_of(cell, direction):
    return [pin for pin in cell.all("pin") if pin.text("direction") == direction]


def usable(cell):
    return not (NEVER.search(cell.arguments[0]) or cell.text("dont_use") == "true" or cell.first("latch", "statetable"))


def combinational(cell):
    """(kind, input pins in the kind's order, output pin) if the cell is one of KINDS."""
    outputs, inputs = pins_of(cell, "output"), pins_of(cell, "input")
    if cell.first("ff") or len(outputs) != 1 or not 1 <= len(inputs) <= 4 or outputs[0].text("three_state"):
        return None
    function = outputs[0].text("function")
    if not function:
        return None
    for kind, (count, wanted) in KINDS.items():
        if count != len(inputs):
            continue
        for order in itertools.permutations(inputs):
            names = [pin.arguments[0] for pin in order]
            cases = itertools.product((False, True), repeat=count)
            try:
                if all(evaluate(function, dict(zip(names, case))) == bool(wanted(*case)) for case in cases):
                    return kind, list(order), outputs[0]
            except (KeyError, IndexError):
                return None
    return None


def flip_flop(cell):
    """(kind, data pin, clock pin, output pin) of a plain rising-edge flip-flop."""
    state = cell.first("ff")
    if state is None:
        return None
    bare = lambda name: state.text(name).strip("() ")
    pins = {pin.arguments[0]: pin for pin in cell.all("pin")}
    data, clock = pins.get(bare("next_state")), pins.get(bare("clocked_on"))
    outputs = [pin for pin in pins.values() if pin.text("function").strip("() ") == state.arguments[0]]
    if data is None or clock is None or not outputs:
        return None
    has = (bool(state.text("clear")), bool(state.text("preset")))
    for control in ("clear", "preset"):
        if state.text(control) and not re.match(r"^\(?!|.*'\)?$", state.text(control)):
            return None
    kind = {(False, False): "dff", (True, False): "dffr", (False, True): "dffs"}.get(has)
    return kind and (kind, data, clock, outputs[0])


def fixed(value, digits=6):
    text = f"{value:.{digits}f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def array(values, digits=6):
    return "[" + ", ".join(fixed(value, digits) for value in values) + "]"


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    name, path = sys.argv[1:]
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as file:
        library = Library(parse(file.read()))

    found, flip_flops = {}, {}
    for cell in filter(usable, library.group.all("cell")):
        if match := combinational(cell):
            found.setdefault(match[0], []).append((cell.number("area"), cell.arguments[0], cell, *match[1:]))
        elif match := flip_flop(cell):
            flip_flops.setdefault(match[0], []).append((cell.number("area"), cell.arguments[0], cell, *match[1:]))
    smallest = lambda cells: min(cells, key=lambda entry: entry[:2])

    # FO4: the slew at which an inverter that drives four of itself reproduces its own input slew.
    _, _, _, (pin,), out = inverter = smallest(found["inv"])
    cin = library.capacitance(pin)
    derate = library.group.number("slew_derate_from_library", 1.0)
    for _ in range(50):
        library.slew = sum(library.edges(out.all("timing"), "{}_transition", 4 * cin)) / 2 * derate
    loads = [cin * factor for factor in (1, 2, 4, 8, 16)]
    nominal = 4 * cin

    def emit_cell(kind, entry):
        area, cell_name, cell, inputs, out = entry
        lines = []
        for pin in inputs:
            arcs = [a for a in out.all("timing") if pin.arguments[0] in a.text("related_pin").split()]
            lines.append(library.line([a for a in arcs if a.text("timing_type", "combinational") == "combinational"], loads))
        print(f'\n[[cell]]\nkind = "{kind}"\ncell = "{cell_name}"')
        print(f"area-um2 = {fixed(area)}")
        print(f"input-capacitance-ff = {array([library.capacitance(pin) for pin in inputs], 4)}")
        print(f"delay-ns = {array([line[0] for line in lines], 5)}")
        print(f"resistance-ns-per-ff = {array([line[1] for line in lines])}")
        print(f"leakage-nw = {fixed(cell.number('cell_leakage_power') * library.leak_nw, 4)}")
        print(f"internal-energy-fj = {fixed(library.internal_energy(out, nominal), 4)}")

    comment = library.group.text("comment") or "no comment in the file"
    print(f"# Made by scripts/distill_liberty.py from a Liberty file; make it again rather than edit it.")
    print(f"# Delays: delay-ns + resistance-ns-per-ff * load, at an input slew of FO4, rise and fall averaged, the worst side")
    print(f"# condition, no wires. Energies: mean over the arcs of one output transition, with a load of 4 inverters, without")
    print(f"# the charge of the load itself.")
    print(f'name = "{name}"')
    print(f"\n[source]")
    print(f'library = "{library.group.arguments[0]}"')
    print(f'revision = "{library.group.text("revision")}"')
    print(f'date = "{library.group.text("date").replace("$", "").strip()}"')
    print(f'comment = "{comment}"')
    print(f"\n[conditions]")
    print(f'corner = "{library.group.text("default_operating_conditions") or "nominal"}"')
    print(f"voltage-v = {fixed(library.voltage)}")
    print(f"temperature-c = {fixed(library.group.number('nom_temperature'))}")
    print(f"input-slew-ns = {fixed(library.slew)}")
    print(f"nominal-load-ff = {fixed(nominal, 4)}")

    for kind in KINDS:
        if kind not in found:
            print(f"the library has no {kind}", file=sys.stderr)
            continue
        emit_cell(kind, smallest(found[kind]))
        if kind in ("inv", "buf"):
            # For nets of many readers: the cell whose resistance is nearest to a quarter of the smallest one's.
            slope = lambda entry: library.line(entry[4].all("timing"), loads)[1]
            weakest = slope(smallest(found[kind]))
            emit_cell(f"{kind}-x4", min(found[kind], key=lambda e: (abs(slope(e) - weakest / 4), e[0])))

    for kind in ("dff", "dffr", "dffs"):
        if kind not in flip_flops:
            print(f"the library has no plain {kind}", file=sys.stderr)
            continue
        area, cell_name, cell, data, clock, out = smallest(flip_flops[kind])
        clocked = [a for a in out.all("timing") if a.text("timing_type") == "rising_edge"]
        clk_to_q, resistance = library.line(clocked, loads)
        setups = [a for a in data.all("timing") if a.text("timing_type") == "setup_rising"]
        setup = max(library.edges(setups, "{}_constraint", nominal))
        cycles = {}
        for power in clock.all("internal_power"):
            for table in power.groups:
                cycles.setdefault(power.text("when"), []).append(library.table(table, library.slew, nominal))
        cycle = library.cap_ff * sum(sum(pair) for pair in cycles.values()) / max(1, len(cycles))
        print(f'\n[[flip-flop]]\nkind = "{kind}"\ncell = "{cell_name}"')
        print(f"area-um2 = {fixed(area)}")
        print(f"data-capacitance-ff = {fixed(library.capacitance(data), 4)}")
        print(f"clock-capacitance-ff = {fixed(library.capacitance(clock), 4)}")
        print(f"clock-to-q-ns = {fixed(clk_to_q, 5)}")
        print(f"resistance-ns-per-ff = {fixed(resistance)}")
        print(f"setup-ns = {fixed(setup, 5)}")
        print(f"leakage-nw = {fixed(cell.number('cell_leakage_power') * library.leak_nw, 4)}")
        print(f"internal-energy-fj = {fixed(library.internal_energy(out, nominal), 4)}")
        print(f"clock-energy-fj = {fixed(cycle, 4)}")


if __name__ == "__main__":
    main()
