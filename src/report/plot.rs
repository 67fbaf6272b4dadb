//! Figures as SVG. The only file that knows plotters.
//!
//! Every colour is one of a few roles. A role is drawn in its light-theme colour and then rewritten to a CSS custom
//! property with that colour as fallback: inside the page a figure follows the page's theme, alone it is a light figure.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::ReportError;
use super::number::{grouped, percent, share};

/// Width of every figure, in CSS pixels.
pub const WIDTH: u32 = 880;

/// What a colour means: CSS property and its colour in a light theme (Okabe and Ito's palette, safe for the colour-blind).
struct Role {
    property: &'static str,
    light: RGBColor,
}

const INK: Role = Role { property: "--ink", light: RGBColor(0x1b, 0x1f, 0x24) };
const MUTED: Role = Role { property: "--muted", light: RGBColor(0x57, 0x60, 0x6a) };
const GRID: Role = Role { property: "--grid", light: RGBColor(0xd8, 0xdd, 0xe3) };
const PAPER: Role = Role { property: "--paper", light: RGBColor(0xff, 0xff, 0xff) };
const ON_BAR: Role = Role { property: "--on-bar", light: RGBColor(0xfe, 0xfe, 0xfe) };
const ON_LIGHT_BAR: Role = Role { property: "--on-light-bar", light: RGBColor(0x14, 0x14, 0x14) };
const MEASURED: Role = Role { property: "--measured", light: RGBColor(0x00, 0x72, 0xb3) };
const EXPECTED: Role = Role { property: "--expected", light: RGBColor(0xd5, 0x5e, 0x01) };
const HEAT: Role = Role { property: "--heat", light: RGBColor(0x00, 0x72, 0xb1) };
const AREA: Role = Role { property: "--area", light: RGBColor(0x00, 0x9e, 0x74) };

/// The parts of a cycle count, in the order of `Parts::named`.
const PARTS: [Role; 7] = [
    Role { property: "--load", light: RGBColor(0xe6, 0x9f, 0x00) },
    Role { property: "--fill", light: RGBColor(0x56, 0xb4, 0xe9) },
    Role { property: "--compute", light: RGBColor(0x00, 0x9e, 0x73) },
    Role { property: "--sync", light: RGBColor(0xf0, 0xe4, 0x42) },
    Role { property: "--empty", light: RGBColor(0xcc, 0x79, 0xa7) },
    Role { property: "--drain", light: RGBColor(0x00, 0x72, 0xb2) },
    Role { property: "--stall", light: RGBColor(0xd5, 0x5e, 0x00) },
];
/// Parts whose colour is too light for white text.
const LIGHT_PARTS: [&str; 4] = ["load", "fill", "sync", "empty"];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Where text stands relative to its point.
#[derive(Clone, Copy)]
enum Anchor {
    Left,
    Middle,
    Right,
}

/// Drawing in pixels from the upper left corner.
struct Canvas<'a> {
    area: Area<'a>,
}

impl Canvas<'_> {
    fn rect(&self, (x0, y0): (f64, f64), (x1, y1): (f64, f64), role: &Role, opacity: f64) -> Drawn {
        let corners = [(x0.round() as i32, y0.round() as i32), (x1.round() as i32, y1.round() as i32)];
        self.area.draw(&Rectangle::new(corners, role.light.mix(opacity).filled()))?;
        Ok(())
    }

    fn line(&self, from: (f64, f64), to: (f64, f64), role: &Role, width: u32) -> Drawn {
        let point = |(x, y): (f64, f64)| (x.round() as i32, y.round() as i32);
        self.area.draw(&PathElement::new(vec![point(from), point(to)], role.light.stroke_width(width)))?;
        Ok(())
    }

    fn diamond(&self, (x, y): (f64, f64), radius: f64, role: &Role) -> Drawn {
        let point = |dx: f64, dy: f64| ((x + dx).round() as i32, (y + dy).round() as i32);
        let corners = vec![point(-radius, 0.0), point(0.0, -radius), point(radius, 0.0), point(0.0, radius)];
        self.area.draw(&Polygon::new(corners, role.light.filled()))?;
        Ok(())
    }

    /// Text whose middle line is at `y`.
    fn text(&self, text: &str, (x, y): (f64, f64), anchor: Anchor, role: &Role, size: f64) -> Drawn {
        let horizontal = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        // The backend divides by 1.24, its idea of the height of a line.
        let style = ("sans-serif", size * 1.24).into_font().color(&role.light);
        let style = style.pos(Pos::new(horizontal, VPos::Center));
        self.area.draw(&Text::new(text.to_owned(), (x.round() as i32, y.round() as i32), style))?;
        Ok(())
    }
}

/// Draws on a canvas of `height` and makes its colours follow the page.
fn figure(height: u32, title: &str, draw: impl FnOnce(&Canvas) -> Drawn) -> Result<String, ReportError> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        let canvas = Canvas { area };
        let failed = |reason: String| ReportError::CannotDraw { reason };
        draw(&canvas).map_err(|error| failed(error.to_string()))?;
        canvas.area.present().map_err(|error| failed(error.to_string()))?;
    }
    let roles = [&INK, &MUTED, &GRID, &PAPER, &ON_BAR, &ON_LIGHT_BAR, &MEASURED, &EXPECTED, &HEAT, &AREA];
    for role in roles.into_iter().chain(&PARTS) {
        let RGBColor(r, g, b) = role.light;
        let colour = format!("#{r:02X}{g:02X}{b:02X}");
        svg = svg.replace(&format!("\"{colour}\""), &format!("\"var({}, {colour})\"", role.property));
    }
    let mut escaped = String::new();
    for character in title.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    Ok(svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{escaped}\" "), 1))
}

/// About `count` round numbers from 0 up to at most `limit`.
fn ticks(limit: f64, count: usize) -> Vec<f64> {
    if limit <= 0.0 {
        return vec![0.0];
    }
    let raw = limit / count as f64;
    let magnitude = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * magnitude).into_iter().find(|&step| step >= raw);
    let step = step.unwrap_or(10.0 * magnitude);
    (0..=count).map(|index| index as f64 * step).take_while(|&tick| tick <= limit * 1.0001).collect()
}

/// Most characters of a name beside a bar.
const NAME: usize = 28;

/// Room for the names of bars, in pixels.
fn name_width<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let longest = names.map(|name| name.chars().count()).max().unwrap_or(0).min(NAME);
    (longest as f64 * 7.8 + 16.0).max(100.0)
}

/// At most `characters` of `text`; its end tells layers apart as well as its beginning, so the middle goes.
fn shortened(text: &str, characters: usize) -> String {
    let length = text.chars().count();
    if length <= characters {
        return text.to_owned();
    }
    let end = characters / 2;
    let begin = text.chars().take(characters - end - 1);
    begin.chain(std::iter::once('\u{2026}')).chain(text.chars().skip(length - end)).collect()
}

/// One stacked bar: name, parts with their cycles.
pub struct StackedBar {
    /// At the left of the bar.
    pub name: String,
    /// In the order of `Parts::named`.
    pub parts: [(&'static str, u64); 7],
}

/// Stacked horizontal bars of cycles.
pub fn stacked_bars(title: &str, bars: &[StackedBar]) -> Result<String, ReportError> {
    const RIGHT: f64 = 190.0;
    const TOP: f64 = 44.0;
    const PITCH: f64 = 34.0;
    let total = |bar: &StackedBar| bar.parts.iter().map(|(_, cycles)| cycles).sum::<u64>();
    let greatest = bars.iter().map(total).max().unwrap_or(0).max(1) as f64;
    let left = name_width(bars.iter().map(|bar| bar.name.as_str()));
    let plot = f64::from(WIDTH) - left - RIGHT;
    let bottom = TOP + PITCH * bars.len() as f64;
    let all: u64 = bars.iter().map(total).sum();
    figure((bottom + 46.0) as u32, title, |canvas| {
        let mut x = left;
        for (index, role) in PARTS.iter().enumerate() {
            let cycles: u64 = bars.iter().map(|bar| bar.parts[index].1).sum();
            if cycles == 0 {
                continue;
            }
            let name = bars[0].parts[index].0;
            canvas.rect((x, 10.0), (x + 13.0, 23.0), role, 1.0)?;
            canvas.text(name, (x + 19.0, 17.0), Anchor::Left, &INK, 13.0)?;
            x += 42.0 + 7.2 * name.len() as f64;
        }
        for tick in ticks(greatest, 5) {
            let x = left + tick / greatest * plot;
            canvas.line((x, TOP - 4.0), (x, bottom), &GRID, 1)?;
            canvas.text(&grouped(tick as u64), (x, bottom + 13.0), Anchor::Middle, &MUTED, 12.0)?;
        }
        canvas.text("cycles", (left + plot / 2.0, bottom + 33.0), Anchor::Middle, &MUTED, 12.0)?;
        for (row, bar) in bars.iter().enumerate() {
            let y = TOP + PITCH * row as f64 + 4.0;
            let height = PITCH - 10.0;
            canvas.text(&shortened(&bar.name, NAME), (left - 12.0, y + height / 2.0), Anchor::Right, &INK, 13.0)?;
            let cycles = total(bar);
            let mut before = 0;
            for (&(name, part), role) in bar.parts.iter().zip(&PARTS) {
                if part == 0 {
                    continue;
                }
                let x0 = left + before as f64 / greatest * plot;
                before += part;
                let x1 = left + before as f64 / greatest * plot;
                canvas.rect((x0, y), (x1, y + height), role, 1.0)?;
                if before < cycles && x1 - x0 > 3.0 {
                    // A gap the colour of the paper, so that neighbours differ without their colours.
                    canvas.line((x1, y), (x1, y + height), &PAPER, 1)?;
                }
                if x1 - x0 > 48.0 {
                    let role = if LIGHT_PARTS.contains(&name) { &ON_LIGHT_BAR } else { &ON_BAR };
                    let text = percent(share(part, cycles));
                    canvas.text(&text, ((x0 + x1) / 2.0, y + height / 2.0), Anchor::Middle, role, 12.0)?;
                }
            }
            let end = left + cycles as f64 / greatest * plot;
            let text = match bars.len() {
                1 => grouped(cycles),
                _ => format!("{} ({} of all)", grouped(cycles), percent(share(cycles, all))),
            };
            canvas.text(&text, (end + 8.0, y + height / 2.0), Anchor::Left, &MUTED, 12.0)?;
        }
        Ok(())
    })
}

/// A heat map of values from 0 to 1, `rows` lists of one value a column.
pub fn heat_map(title: &str, values: &[Vec<f64>]) -> Result<String, ReportError> {
    const SIDE: f64 = 400.0;
    const LEFT: f64 = 96.0;
    const TOP: f64 = 40.0;
    let (rows, cols) = (values.len(), values.first().map_or(0, Vec::len));
    let cell = (SIDE / rows.max(cols) as f64).min(48.0);
    // Pixels are whole: a cell's border is the rounded border of its neighbour.
    let (width, height) = ((cell * cols as f64).max(24.0), (cell * rows as f64).max(24.0));
    let at =
        |row: usize, col: usize| (LEFT + width * col as f64 / cols as f64, TOP + height * row as f64 / rows as f64);
    let figure_height = TOP + height.max(170.0) + 24.0;
    figure(figure_height as u32, title, |canvas| {
        for block in blocks(values) {
            let (from, to) = (at(block.top, block.left), at(block.bottom, block.right));
            canvas.rect(from, to, &HEAT, block.value.max(0.0))?;
        }
        if rows.max(cols) <= 64 {
            for row in 1..rows {
                canvas.line(at(row, 0), at(row, cols), &PAPER, 1)?;
            }
            for col in 1..cols {
                canvas.line(at(0, col), at(rows, col), &PAPER, 1)?;
            }
        }
        let all = blocks(values);
        for block in all.iter().filter(|_| all.len() > 1) {
            let (from, to) = (at(block.top, block.left), at(block.bottom, block.right));
            let (x, y) = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
            if to.0 - from.0 > 66.0 && to.1 - from.1 > 30.0 {
                // A label on a patch of its own: no grid line runs through it.
                let (upper, lower) = ((x - 28.0, y - 10.0), (x + 28.0, y + 10.0));
                canvas.rect(upper, lower, &PAPER, 1.0)?;
                canvas.rect(upper, lower, &HEAT, block.value)?;
                let role = if block.value > 0.55 { &ON_BAR } else { &INK };
                canvas.text(&percent(block.value), (x, y), Anchor::Middle, role, 12.0)?;
            }
        }
        for (from, to) in
            [((0, 0), (0, cols)), ((rows, 0), (rows, cols)), ((0, 0), (rows, 0)), ((0, cols), (rows, cols))]
        {
            canvas.line(at(from.0, from.1), at(to.0, to.1), &MUTED, 1)?;
        }
        let centre = |row: usize, col: usize| {
            (at(row, col).0 + width / cols as f64 / 2.0, at(row, col).1 + height / rows as f64 / 2.0)
        };
        for col in labelled(cols) {
            canvas.text(&col.to_string(), (centre(0, col).0, TOP - 11.0), Anchor::Middle, &MUTED, 12.0)?;
        }
        for row in labelled(rows) {
            canvas.text(&row.to_string(), (LEFT - 9.0, centre(row, 0).1), Anchor::Right, &MUTED, 12.0)?;
        }
        canvas.text("column", (LEFT + width / 2.0, TOP - 29.0), Anchor::Middle, &MUTED, 12.0)?;
        canvas.text("row", (LEFT - 44.0, TOP + height / 2.0), Anchor::Right, &MUTED, 12.0)?;
        legend(canvas, LEFT + width + 100.0, values)
    })
}

/// The scale of a heat map, and the greatest and least value on it.
fn legend(canvas: &Canvas, left: f64, values: &[Vec<f64>]) -> Drawn {
    const TOP: f64 = 40.0;
    const HEIGHT: f64 = 150.0;
    const STEPS: usize = 50;
    for step in 0..STEPS {
        let upper = TOP + HEIGHT * step as f64 / STEPS as f64;
        let lower = TOP + HEIGHT * (step + 1) as f64 / STEPS as f64;
        canvas.rect((left, upper), (left + 18.0, lower), &HEAT, 1.0 - (step as f64 + 0.5) / STEPS as f64)?;
    }
    for (x, y) in [(left, TOP), (left + 18.0, TOP)] {
        canvas.line((x, y), (x, TOP + HEIGHT), &MUTED, 1)?;
    }
    for y in [TOP, TOP + HEIGHT] {
        canvas.line((left, y), (left + 18.0, y), &MUTED, 1)?;
    }
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let y = TOP + HEIGHT * (1.0 - tick);
        canvas.line((left - 4.0, y), (left, y), &MUTED, 1)?;
        canvas.text(&format!("{:.0} %", tick * 100.0), (left - 9.0, y), Anchor::Right, &MUTED, 12.0)?;
    }
    canvas.text("cycles with a useful product", (left - 44.0, TOP - 24.0), Anchor::Left, &MUTED, 12.0)?;
    let all = || values.iter().flatten().copied();
    let greatest = all().fold(0.0, f64::max);
    let least = all().fold(greatest, f64::min);
    let mut marks = vec![(greatest, format!("busiest PE {}", percent(greatest)))];
    if least < greatest {
        marks.push((least, format!("idlest PE {}", percent(least))));
    }
    let mut previous = f64::NEG_INFINITY;
    for (value, text) in marks {
        let exact = TOP + HEIGHT * (1.0 - value);
        let y = exact.max(previous + 18.0);
        previous = y;
        canvas.line((left, exact), (left + 18.0, exact), &EXPECTED, 2)?;
        canvas.line((left + 18.0, exact), (left + 34.0, y), &EXPECTED, 1)?;
        canvas.text(&text, (left + 40.0, y), Anchor::Left, &INK, 13.0)?;
    }
    Ok(())
}

/// Which of `extent` rows or columns are numbered: the first, the last, and some between that leave room.
fn labelled(extent: usize) -> Vec<usize> {
    let step = extent.div_ceil(8).next_power_of_two();
    let mut indices: Vec<usize> = (0..extent).step_by(step).filter(|index| index + step < extent).collect();
    indices.push(extent - 1);
    indices
}

/// A rectangle of equal values.
struct Block {
    top: usize,
    left: usize,
    bottom: usize,
    right: usize,
    value: f64,
}

/// Equal rows joined, then equal columns in them: tiles leave few different values, so a large map stays a small file.
fn blocks(values: &[Vec<f64>]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut top = 0;
    while top < values.len() {
        let bottom = (top..values.len()).find(|&row| values[row] != values[top]).unwrap_or(values.len());
        let row = &values[top];
        let mut left = 0;
        while left < row.len() {
            let right = (left..row.len()).find(|&col| row[col] != row[left]).unwrap_or(row.len());
            blocks.push(Block { top, left, bottom, right, value: row[left] });
            left = right;
        }
        top = bottom;
    }
    blocks
}

/// Shares of elements by count of digits: bars for what was measured, diamonds for what was expected.
pub fn digit_histogram(title: &str, measured: &[f64], expected: &[f64], of: &str) -> Result<String, ReportError> {
    const LEFT: f64 = 62.0;
    const TOP: f64 = 48.0;
    const BOTTOM: f64 = 268.0;
    let plot = f64::from(WIDTH) - LEFT - 20.0;
    let greatest = measured.iter().chain(expected).copied().fold(0.0, f64::max).max(1e-9) * 1.12;
    let y_of = |value: f64| BOTTOM - value / greatest * (BOTTOM - TOP);
    figure(316, title, |canvas| {
        canvas.rect((LEFT, 11.0), (LEFT + 13.0, 24.0), &MEASURED, 1.0)?;
        canvas.text("measured", (LEFT + 19.0, 18.0), Anchor::Left, &INK, 13.0)?;
        canvas.diamond((LEFT + 107.0, 18.0), 7.0, &EXPECTED)?;
        canvas.text(of, (LEFT + 119.0, 18.0), Anchor::Left, &INK, 13.0)?;
        for tick in ticks(greatest * 100.0, 5) {
            let y = y_of(tick / 100.0);
            canvas.line((LEFT, y), (LEFT + plot, y), &GRID, 1)?;
            canvas.text(&format!("{tick} %"), (LEFT - 8.0, y), Anchor::Right, &MUTED, 12.0)?;
        }
        let pitch = plot / measured.len() as f64;
        let half = (pitch * 0.36).min(60.0);
        for (count, (&share, &expectation)) in measured.iter().zip(expected).enumerate() {
            let x = LEFT + pitch * (count as f64 + 0.5);
            canvas.rect((x - half, y_of(share)), (x + half, BOTTOM), &MEASURED, 1.0)?;
            let y = y_of(expectation);
            canvas.line((x - half - 6.0, y), (x + half + 6.0, y), &PAPER, 4)?;
            canvas.line((x - half - 6.0, y), (x + half + 6.0, y), &EXPECTED, 2)?;
            canvas.diamond((x, y), 8.0, &PAPER)?;
            canvas.diamond((x, y), 6.0, &EXPECTED)?;
            if measured.len() <= 10 {
                // Above the bar's end, or inside it where the expectation is in the way.
                let end = y_of(share);
                let free = |at: f64| (at - y).abs() > 15.0;
                match (free(end - 11.0), BOTTOM - end > 30.0) {
                    (false, true) if free(end + 13.0) => {
                        canvas.text(&percent(share), (x, end + 13.0), Anchor::Middle, &ON_BAR, 12.0)?;
                    }
                    (false, true) => canvas.text(&percent(share), (x, end + 26.0), Anchor::Middle, &ON_BAR, 12.0)?,
                    (false, false) => {
                        canvas.text(&percent(share), (x, y.min(end) - 17.0), Anchor::Middle, &INK, 12.0)?
                    }
                    (true, _) => canvas.text(&percent(share), (x, end - 11.0), Anchor::Middle, &INK, 12.0)?,
                }
            }
            canvas.text(&count.to_string(), (x, BOTTOM + 13.0), Anchor::Middle, &INK, 13.0)?;
        }
        canvas.line((LEFT, BOTTOM), (LEFT + plot, BOTTOM), &MUTED, 1)?;
        canvas.text("non-zero digits of an operand", (LEFT + plot / 2.0, BOTTOM + 36.0), Anchor::Middle, &MUTED, 12.0)
    })
}

/// Horizontal bars with a text behind each.
pub fn bars(title: &str, bars: &[(String, f64, String)]) -> Result<String, ReportError> {
    const PITCH: f64 = 28.0;
    let left = name_width(bars.iter().map(|(name, _, _)| name.as_str()));
    let plot = f64::from(WIDTH) - left - 200.0;
    let greatest = bars.iter().map(|(_, value, _)| *value).fold(1e-12, f64::max);
    let height = PITCH * bars.len() as f64 + 12.0;
    figure(height as u32, title, |canvas| {
        canvas.line((left, 4.0), (left, height - 4.0), &MUTED, 1)?;
        for (row, (name, value, text)) in bars.iter().enumerate() {
            let middle = 6.0 + PITCH * (row as f64 + 0.5);
            let end = left + value / greatest * plot;
            canvas.text(&shortened(name, NAME), (left - 12.0, middle), Anchor::Right, &INK, 13.0)?;
            canvas.rect((left + 1.0, middle - 9.0), (end.max(left + 2.0), middle + 9.0), &AREA, 1.0)?;
            canvas.text(text, (end + 8.0, middle), Anchor::Left, &MUTED, 12.0)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_a_figure_follows_the_theme() {
        let svg = digit_histogram("x < \"y\"", &[0.25, 0.75], &[0.5, 0.5], "expected").unwrap();
        assert!(svg.contains("var(--measured, #0072B3)"));
        let bare = svg.split('"').filter(|value| value.starts_with('#')).count();
        assert_eq!(bare, 0, "{svg}");
        assert!(svg.contains("aria-label=\"x &lt; &quot;y&quot;\""));
    }

    #[test]
    fn equal_cells_of_a_heat_map_are_one_rectangle() {
        let mut values = vec![vec![1.0; 6]; 4];
        values[3] = vec![0.5, 0.5, 0.5, 0.5, 0.25, 0.25];
        let blocks = blocks(&values);
        assert_eq!(blocks.len(), 3);
        let cells: usize = blocks.iter().map(|b| (b.bottom - b.top) * (b.right - b.left)).sum();
        assert_eq!(cells, 24);
    }

    #[test]
    fn ticks_are_round_and_do_not_pass_the_limit() {
        assert_eq!(ticks(100.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(61_234.0, 5), [0.0, 20_000.0, 40_000.0, 60_000.0]);
        assert_eq!(ticks(0.0, 5), [0.0]);
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        assert_eq!(shortened("encoder.layer.11.attention.output x 12", 16), "encoder\u{2026}put x 12");
        assert_eq!(shortened("fc1", 16), "fc1");
    }

    #[test]
    fn the_last_row_is_always_numbered() {
        for extent in 1..300 {
            let labels = labelled(extent);
            assert_eq!(labels.last(), Some(&(extent - 1)));
            assert!(labels.len() <= 9, "{extent}: {labels:?}");
        }
    }
}
