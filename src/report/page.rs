//! The page: one HTML file that holds everything, figures, tables and style.

use askama::Template;

use super::memory::{memory_sentence, page_row};
use super::number::{area, grouped, percent, share};
use super::plot::{self, StackedBar};
use super::results::{Layer, Results};
use super::table::{self, data_uri};
use super::{Cost, OperandDigits, OperandSparsity, ReportError, takeaway};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="bitweight {{ results.made.version }}">
<title>{{ results.design.name }} on {{ results.workload.name }}</title>
<style>
{{ style|safe }}</style>
</head>
<body>
<header>
<p class="kind">bitweight &middot; cycle-accurate simulation of a tensor engine</p>
<h1>{{ results.design.name }} <span class="on">on</span> {{ results.workload.name }}</h1>
<p class="answer">{{ answer }}</p>
<dl class="key">
{% for figure in key_figures %}<div><dt>{{ figure.name }}</dt><dd>{{ figure.value }}</dd></div>
{% endfor %}</dl>
</header>
<main>
{% for figure in figures %}<section id="{{ figure.id }}">
<h2>{{ figure.heading }}</h2>
<p class="takeaway">{{ figure.takeaway }}</p>
<figure>
{{ figure.svg|safe }}<figcaption>{{ figure.caption }} <a href="{{ figure.csv }}" download="{{ figure.id }}.csv">Data as CSV</a>.</figcaption>
</figure>
</section>
{% endfor %}{% if let Some(cost) = cost %}{% if !cost.critical_path.is_empty() %}<section id="critical-path">
<h2>What limits the clock</h2>
<p class="takeaway">{{ clock }}</p>
<ol class="path">
{% for step in cost.critical_path %}<li><code>{{ step.net }}</code> <span>{{ "{:.3}"|format(step.delay_ns) }} ns</span></li>
{% endfor %}</ol>
</section>
{% endif %}{% endif %}<section id="layers">
<h2>Every layer</h2>
<p class="takeaway">Figures are for one product; the total counts repetitions.</p>
<div class="scroll"><table>
<thead><tr><th>layer</th><th>M</th><th>N</th><th>K</th><th>repeat</th><th>cycles</th>{% for name in part_names %}<th>{{ name }}</th>{% endfor %}<th>utilisation</th>{% if has_digits %}<th>digits per<br>operand</th>{% endif %}{% if has_accuracy %}<th>accuracy</th>{% endif %}{% if has_scalesim %}<th>SCALE-Sim<br>cycles</th>{% endif %}</tr></thead>
<tbody>
{% for row in rows %}<tr{% if row.total %} class="total"{% endif %}><td>{{ row.name }}</td>{% for cell in row.cells %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table></div>
{% if let Some(difference) = results.total.scalesim_difference %}<p>{{ difference }}</p>
{% endif %}<p class="note"><a href="{{ layers_csv }}" download="layers.csv">Data as CSV</a>, with words in and out of the engine.</p>
</section>
{% if let Some(sentence) = memory %}<section id="memory">
<h2>What memory does</h2>
<p class="takeaway">{{ sentence }}</p>
<div class="scroll"><table>
<thead><tr><th>layer</th><th>loops over<br>blocks</th><th>block<br>M &times; N &times; K</th><th>bound by</th><th>stall</th><th>A: words<br>of DRAM</th><th>B: words<br>of DRAM</th><th>C: words<br>of DRAM</th><th>A: words<br>of SRAM</th><th>B: words<br>of SRAM</th><th>C: words<br>of SRAM</th><th>A: buffer<br>in use</th><th>B: buffer<br>in use</th><th>C: buffer<br>in use</th></tr></thead>
<tbody>
{% for row in memory_rows %}<tr><td>{{ row.name }}</td>{% for cell in row.cells %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table></div>
<p class="note">Words read and written, of all products, once; behind those of DRAM how often the blocks of A or B are sent, or those of C taken.</p>
</section>
{% endif %}{% if !tensors.is_empty() %}<section id="tensors">
<h2>Tensors from files</h2>
<p class="takeaway">{{ tensors_takeaway }}</p>
<div class="scroll"><table>
<thead><tr><th>operand</th><th>file</th><th>read as</th><th>elements</th><th>zeros</th><th>digits per<br>element</th></tr></thead>
<tbody>
{% for row in tensors %}<tr><td>{{ row.name }}</td>{% for cell in row.cells %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table></div>
</section>
{% endif %}{% if !zeros.is_empty() %}<section id="zeros">
<h2>What is zero</h2>
<p class="takeaway">{{ zeros_takeaway }}</p>
<div class="scroll"><table>
<thead><tr><th>operand</th><th>made zero</th><th>values</th><th>zeros</th><th>digits<br>of zeros</th><th>zero digits<br>inside</th><th>digits<br>not zero</th><th>dense<br>bytes</th><th>smallest<br>bytes</th><th>stored as</th></tr></thead>
<tbody>
{% for row in zeros %}<tr><td>{{ row.name }}</td>{% for cell in row.cells %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody>
</table></div>
<p class="note">Operands as they are stored, one repetition; digits of the operand that is encoded. Inside: in values that are not zero.</p>
</section>
{% endif %}<section id="made">
<h2>How this was made</h2>
<p>{{ results.made.summary }}. Made by bitweight {{ results.made.version }} with</p>
<pre>{{ results.made.command }}</pre>
<p>The resolved design (hash <code>{{ results.design.hash }}</code>); the workload&rsquo;s seed is {{ results.workload.seed }}.</p>
<pre>{{ results.made.design_toml }}</pre>
<p>What these figures are, and are not:</p>
<ul>
<li>Cycles run from the rising edge that accepts a layer&rsquo;s first operand to the one on which its last result is accepted, both included, {% if memory.is_some() %}and begin with a layer&rsquo;s first fetch and end with its last write-back where memory is modelled, as here.{% else %}with operands always offered and results always taken: no memory is modelled, so nothing waits for one.{% endif %}</li>
<li>{{ method }} {{ compared }} Layers run one after the other.</li>
<li>Bias and requantisation between layers are computed outside the engine, in integers, and cost no cycles here.</li>
{% for operand in results.scaled %}<li>{{ operand.sentence() }}</li>
{% endfor %}{% for note in results.notes %}<li>{{ note }}.</li>
{% endfor %}{% for limit in limits %}<li>Estimate: {{ limit }}.</li>
{% endfor %}</ul>
</section>
</main>
</body>
</html>
"#
)]
struct Page<'a> {
    style: &'static str,
    results: &'a Results,
    cost: Option<&'a Cost>,
    answer: String,
    clock: String,
    key_figures: Vec<KeyFigure>,
    figures: Vec<Figure>,
    part_names: Vec<&'static str>,
    has_digits: bool,
    has_accuracy: bool,
    has_scalesim: bool,
    rows: Vec<Row>,
    layers_csv: String,
    memory: Option<String>,
    memory_rows: Vec<Row>,
    tensors: Vec<Row>,
    tensors_takeaway: String,
    zeros: Vec<Row>,
    zeros_takeaway: String,
    method: String,
    compared: String,
    limits: Vec<String>,
}

struct KeyFigure {
    name: &'static str,
    value: String,
}

struct Figure {
    id: &'static str,
    heading: &'static str,
    takeaway: String,
    svg: String,
    caption: String,
    csv: String,
}

struct Row {
    name: String,
    cells: Vec<String>,
    total: bool,
}

/// The report of a run, with what its engine is estimated to cost if that is known.
///
/// # Errors
/// [`ReportError::CannotDraw`]: a defect of this program.
pub fn html(results: &Results, cost: Option<&Cost>) -> Result<String, ReportError> {
    let part_names: Vec<&'static str> =
        results.total.parts.named().into_iter().filter(|&(_, cycles)| cycles > 0).map(|(name, _)| name).collect();
    let has_digits = results.layers.iter().any(|layer| layer.digits_per_operand.is_some());
    let has_accuracy = results.layers.iter().any(|layer| layer.accuracy.is_some());
    let figures = all_figures(results, cost)?;
    let page = Page {
        style: include_str!("page.css"),
        results,
        cost,
        answer: takeaway::answer(results, cost),
        clock: cost.map_or_else(String::new, takeaway::clock),
        key_figures: key_figures(results, cost),
        figures,
        rows: rows(results, &part_names, has_digits, has_accuracy),
        part_names,
        has_digits,
        has_accuracy,
        memory: memory_sentence(results),
        memory_rows: memory_rows(results),
        has_scalesim: results.total.scalesim_cycles.is_some(),
        layers_csv: data_uri(&table::layers(results)?),
        tensors: tensor_rows(results),
        tensors_takeaway: takeaway::tensors(results),
        zeros: zero_rows(results),
        zeros_takeaway: takeaway::zeros(results),
        compared: compared(results),
        method: match results.audit.share {
            None => results.audit.sentence(),
            Some(_) => {
                format!("Cycles follow from digit counts and closed laws, event by event. {}", results.audit.sentence())
            }
        },
        limits: cost.map(|cost| cost.limits.clone()).unwrap_or_default(),
    };
    page.render().map_err(|error| ReportError::CannotDraw { reason: error.to_string() })
}

/// A row for each layer that memory was around.
fn memory_rows(results: &Results) -> Vec<Row> {
    let row = |layer: &Layer| {
        let cells = page_row(layer.memory.as_ref()?, layer.parts.stall);
        Some(Row { name: layer.name.clone(), cells, total: false })
    };
    results.layers.iter().filter_map(row).collect()
}

/// The figures of the page, in its order, as SVG files of their own: (name, text).
///
/// # Errors
/// As [`html`].
pub fn figures(results: &Results, cost: Option<&Cost>) -> Result<Vec<(&'static str, String)>, ReportError> {
    Ok(all_figures(results, cost)?.into_iter().map(|figure| (figure.id, figure.svg)).collect())
}

fn all_figures(results: &Results, cost: Option<&Cost>) -> Result<Vec<Figure>, ReportError> {
    let mut figures = vec![cycle_figure(results)?, array_figure(results)?];
    figures.extend(digit_figure(results)?);
    if let Some(cost) = cost {
        figures.push(area_figure(cost)?);
    }
    Ok(figures)
}

fn key_figures(results: &Results, cost: Option<&Cost>) -> Vec<KeyFigure> {
    let figure = |name, value| KeyFigure { name, value };
    let mut figures = vec![
        figure("cycles", grouped(results.total.cycles)),
        figure("utilisation", percent(results.total.utilization)),
    ];
    if let Some(digits) = mean_digits(results) {
        figures.push(figure("non-zero digits", format!("{digits:.2}")));
    }
    if let Some(classified) = results.layers.iter().rev().find_map(|layer| layer.classified) {
        let accuracy = percent(share(classified.correct as u64, classified.of as u64));
        figures.push(figure("accuracy", accuracy));
    }
    if let Some(cost) = cost {
        figures.push(figure("cell area, estimated", area(cost.area_um2)));
        if let Some(period) = cost.period_ns() {
            figures.push(figure("clock period", format!("{period:.2} ns")));
        }
        if let Some(energy) = &cost.energy {
            figures.push(figure("energy a multiply-accumulate", format!("{:.2} pJ", energy.engine.pj_per_mac)));
            figures.push(figure("of it glitches", percent(energy.glitch_share)));
        }
    }
    figures
}

/// Mean non-zero digits of an encoded operand over all layers.
fn mean_digits(results: &Results) -> Option<f64> {
    let histogram = total_digits(results)?.0;
    let digits: u64 = histogram.iter().zip(0..).map(|(&elements, count)| elements * count).sum();
    Some(share(digits, histogram.iter().sum()))
}

/// Elements by count of non-zero digits over all layers; the shares expected of them, and whether those follow from the
/// workload's own distributions (else they are those of uniform values).
fn total_digits(results: &Results) -> Option<(Vec<u64>, Vec<f64>, bool, String)> {
    let layers: Vec<_> =
        results.layers.iter().filter_map(|layer| Some((layer.repeat, layer.digits.as_ref()?))).collect();
    let (_, first) = layers.first()?;
    let drawn = layers.iter().all(|(_, digits)| digits.expected.is_some());
    let mut histogram = vec![0; first.histogram.len()];
    let mut expected = vec![0.0; first.histogram.len()];
    for (repeat, digits) in &layers {
        let elements = repeat * digits.histogram.iter().sum::<u64>();
        let shares = digits.expected.as_ref().filter(|_| drawn).unwrap_or(&digits.uniform);
        for (count, (&measured, &share)) in digits.histogram.iter().zip(shares).enumerate() {
            histogram[count] += repeat * measured;
            expected[count] += elements as f64 * share;
        }
    }
    let elements = histogram.iter().sum::<u64>() as f64;
    let expected = expected.into_iter().map(|share| share / elements).collect();
    Some((histogram, expected, drawn, first.encoding.clone()))
}

fn cycle_figure(results: &Results) -> Result<Figure, ReportError> {
    let takeaway = takeaway::cycles(results);
    let bars: Vec<StackedBar> = results
        .layers
        .iter()
        .map(|layer| StackedBar {
            name: match layer.repeat {
                1 => layer.name.clone(),
                repeat => format!("{} \u{d7} {repeat}", layer.name),
            },
            parts: layer.parts.named().map(|(name, cycles)| (name, cycles * layer.repeat)),
        })
        .collect();
    Ok(Figure {
        id: "cycles",
        heading: "Where the cycles go",
        svg: plot::stacked_bars(&takeaway, &bars)?,
        takeaway,
        caption: format!(
            "Cycles of each layer, repetitions included, by what they are spent on: {}. Parts sum to the total exactly.",
            meanings(results)
        ),
        csv: data_uri(&table::cycle_parts(results)?),
    })
}

/// What the parts mean that cycles were spent on.
fn meanings(results: &Results) -> String {
    let meaning = |name| match name {
        "load" => "weights in",
        "fill" => "until the last PE has its first useful product",
        "compute" => "steps of the array",
        "sync" => "waiting for slower rows, columns or lanes",
        "empty" => "groups without a non-zero digit",
        "drain" => "results out, not hidden",
        _ => "waiting for operands, or for results to be taken",
    };
    let spent = results.total.parts.named().into_iter().filter(|&(_, cycles)| cycles > 0);
    spent.map(|(name, _)| format!("{name}: {}", meaning(name))).collect::<Vec<_>>().join("; ")
}

fn array_figure(results: &Results) -> Result<Figure, ReportError> {
    let takeaway = takeaway::array(results);
    let values: Vec<Vec<f64>> = results
        .array
        .useful
        .iter()
        .map(|row| row.iter().map(|&count| share(count, results.array.possible(results.total.cycles))).collect())
        .collect();
    Ok(Figure {
        id: "pes",
        heading: "Which PEs work",
        svg: plot::heat_map(&takeaway, &values)?,
        takeaway,
        caption: format!(
            "The {} \u{d7} {} array, row 0 in the north, over all layers: useful {} over {} a cycle. What is done with a padding \
             operand is not useful.",
            results.array.rows, results.array.cols, results.array.operation, results.array.peak_per_pe
        ),
        csv: data_uri(&table::useful(results)?),
    })
}

fn digit_figure(results: &Results) -> Result<Option<Figure>, ReportError> {
    let Some((histogram, expected, drawn, encoding)) = total_digits(results) else { return Ok(None) };
    let elements: u64 = histogram.iter().sum();
    let measured: Vec<f64> = histogram.iter().map(|&count| share(count, elements)).collect();
    let takeaway = takeaway::digits(&encoding, &measured, &expected, drawn);
    let of = match drawn {
        true => "exact expectation for the workload's distribution",
        false => "exact expectation for uniform operands, to compare with",
    };
    Ok(Some(Figure {
        id: "digits",
        heading: "How many digits are not zero",
        svg: plot::digit_histogram(&takeaway, &measured, &expected, of)?,
        takeaway,
        caption: format!(
            "{} elements of the encoded operand, all layers, by how many of their {encoding} digits are not zero.",
            grouped(elements)
        ),
        csv: data_uri(&table::digits(&histogram, &expected)?),
    }))
}

fn area_figure(cost: &Cost) -> Result<Figure, ReportError> {
    let takeaway = takeaway::area_parts(cost);
    let total: f64 = cost.parts.iter().map(|part| part.area_um2).sum();
    let mut parts: Vec<_> = cost.parts.iter().filter(|part| part.area_um2 > 0.0).collect();
    parts.sort_by(|x, y| y.area_um2.total_cmp(&x.area_um2));
    let bars: Vec<(String, f64, String)> = parts
        .iter()
        .map(|part| {
            let text = format!("{} ({})", area(part.area_um2), percent(part.area_um2 / total));
            (part.name.clone(), part.area_um2, text)
        })
        .collect();
    Ok(Figure {
        id: "area",
        heading: "What it costs",
        svg: plot::bars(&takeaway, &bars)?,
        takeaway,
        caption: format!("Estimated cell area by part, {}.", cost.process),
        csv: data_uri(&table::area(cost)?),
    })
}

/// A row a tensor that comes from a file.
fn tensor_rows(results: &Results) -> Vec<Row> {
    let tensors = results.layers.iter().flat_map(|layer| layer.tensors.iter().map(move |tensor| (layer, tensor)));
    let row = |(layer, tensor): (&super::results::Layer, &super::Tensor)| Row {
        name: format!("{} of {}", tensor.operand, layer.name),
        cells: vec![
            tensor.source(),
            tensor.treatment(),
            grouped(tensor.elements),
            percent(tensor.zero_share()),
            tensor.digits_per_element().map_or_else(|| "-".to_owned(), |digits| format!("{digits:.3}")),
        ],
        total: false,
    };
    tensors.map(row).collect()
}

/// A row an operand of each layer: what of it is 0, and what it takes.
fn zero_rows(results: &Results) -> Vec<Row> {
    let absent = || "\u{2013}".to_owned();
    let row = |name: String, operand: &OperandSparsity| {
        let digits = operand.digits.as_ref();
        let part = |count: u64, digits: &OperandDigits| {
            percent(share(count, digits.of_zeros + digits.zeros_inside + digits.nonzero))
        };
        let dense = operand.storage.iter().find(|stored| stored.format == "dense");
        let smallest = operand.smallest();
        let cells = vec![
            operand.pruning.clone().unwrap_or_else(absent),
            grouped(operand.elements),
            percent(operand.zero_share),
            digits.map_or_else(absent, |digits| part(digits.of_zeros, digits)),
            digits.map_or_else(absent, |digits| part(digits.zeros_inside, digits)),
            digits.map_or_else(absent, |digits| part(digits.nonzero, digits)),
            dense.map_or_else(absent, |stored| grouped(stored.bytes())),
            smallest.map_or_else(absent, |stored| grouped(stored.bytes())),
            smallest.map_or_else(absent, |stored| stored.format.clone()),
        ];
        Row { name, cells, total: false }
    };
    let layers = results.layers.iter().filter_map(|layer| Some((layer, layer.sparsity.as_ref()?)));
    let rows = layers.flat_map(|(layer, sparsity)| {
        [row(format!("a of {}", layer.name), &sparsity.a), row(format!("b of {}", layer.name), &sparsity.b)]
    });
    rows.collect()
}

fn rows(results: &Results, parts: &[&str], has_digits: bool, has_accuracy: bool) -> Vec<Row> {
    let shown = |named: [(&'static str, u64); 7]| {
        named
            .into_iter()
            .filter(|(name, _)| parts.contains(name))
            .map(|(_, cycles)| grouped(cycles))
            .collect::<Vec<_>>()
    };
    let optional = |text: Option<String>| text.unwrap_or_else(|| "\u{2013}".into());
    let mut rows: Vec<Row> = results
        .layers
        .iter()
        .map(|layer| {
            let mut cells = [layer.m, layer.n, layer.k].map(|extent| grouped(extent as u64)).to_vec();
            cells.extend([grouped(layer.repeat), grouped(layer.cycles)]);
            cells.extend(shown(layer.parts.named()));
            cells.push(percent(layer.utilization));
            if has_digits {
                cells.push(optional(layer.digits_per_operand.map(|digits| format!("{digits:.3}"))));
            }
            if has_accuracy {
                cells.push(optional(layer.accuracy.map(percent)));
            }
            cells.extend(layer.scalesim_cycles.map(grouped));
            Row { name: layer.name.clone(), cells, total: false }
        })
        .collect();
    let mut cells = vec![String::new(); 4];
    cells.push(grouped(results.total.cycles));
    cells.extend(shown(results.total.parts.named()));
    cells.push(percent(results.total.utilization));
    if has_digits {
        cells.push(optional(mean_digits(results).map(|digits| format!("{digits:.3}"))));
    }
    if has_accuracy {
        cells.push(String::new());
    }
    cells.extend(results.total.scalesim_cycles.map(grouped));
    rows.push(Row { name: "total".into(), cells, total: true });
    rows
}

/// What was held against the reference, and what that is.
fn compared(results: &Results) -> String {
    let clips = match results.layers.iter().any(|layer| layer.clipped > 0) {
        true => ", clipped where the engine clips",
        false => "",
    };
    let reference = format!("a triple loop in integers wide enough for every sum{clips}");
    let total = &results.total;
    match total.compared == total.results {
        true => format!("Every result is compared with {reference}."),
        false => format!(
            "{} of {} results are compared with {reference}; cycles follow from the operands of all of them.",
            grouped(total.compared),
            grouped(total.results)
        ),
    }
}
