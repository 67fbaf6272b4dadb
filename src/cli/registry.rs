//! Everything that has a name, gathered from the registries of the layers; `list` and `explain` print it.

use super::{failure, metrics};
use crate::design::{self, ArrayKind, Design, shipped};
use crate::encoding::{self, ElementFormat, EncodingKind};
use crate::estimate::{liberty, process};
use crate::notation::{self, Primitive, transform};
use crate::report;
use crate::simulate;
use crate::synth;
use crate::workload;

/// Something with a name.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name, as typed.
    pub name: String,
    /// One line.
    pub summary: String,
    /// The page that `explain` prints.
    pub page: String,
    /// The same under the headings of its kind, where that has any; `list KIND` prints them.
    pub cells: Vec<String>,
}

/// A kind of named things.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The plural, as typed after `list`.
    pub name: &'static str,
    /// Headings of its table; none where name and summary say it all.
    pub headings: &'static [&'static str],
    /// Whether a bare `list` shows it.
    pub shown: bool,
    /// Whether its pages are files that ship, which are printed as they are; else they are prose.
    pub files: bool,
    /// What there is of it.
    pub items: fn() -> Vec<Item>,
}

/// Every kind.
pub fn kinds() -> &'static [Kind] {
    &[
        Kind { name: "designs", headings: DESIGN_HEADINGS, shown: true, files: true, items: designs },
        Kind { name: "encodings", headings: &[], shown: true, files: false, items: encodings },
        Kind { name: "formats", headings: &[], shown: false, files: false, items: formats },
        Kind { name: "transforms", headings: &[], shown: true, files: false, items: transforms },
        Kind { name: "arrays", headings: &[], shown: true, files: false, items: arrays },
        Kind { name: "workloads", headings: &[], shown: true, files: true, items: workloads },
        Kind { name: "processes", headings: &[], shown: true, files: true, items: processes },
        Kind { name: "primitives", headings: &[], shown: false, files: false, items: primitives },
        Kind { name: "metrics", headings: &[], shown: false, files: false, items: metrics::items },
        Kind { name: "errors", headings: &[], shown: false, files: false, items: explained_codes },
    ]
}

/// What `list designs` shows of each.
const DESIGN_HEADINGS: &[&str] = &["array", "transforms", "size", "formats", "encoding", "rate"];

fn designs() -> Vec<Item> {
    let item = |shipped: &design::Shipped| {
        // A shipped design that does not load is a defect that the tests of `design` find.
        let read = Design::load(shipped.name, &[]).ok();
        let cells = |design: &Design| {
            vec![
                design.array_words(),
                design.transform_list(),
                design.size(),
                design.formats(),
                design.product(),
                design.rate(),
            ]
        };
        Item {
            name: shipped.name.to_owned(),
            summary: read.as_ref().map_or_else(String::new, Design::summary),
            page: shipped.text.to_owned(),
            cells: read.as_ref().map_or_else(Vec::new, cells),
        }
    };
    shipped().iter().map(item).collect()
}

fn encodings() -> Vec<Item> {
    EncodingKind::ALL
        .iter()
        .map(|kind| kind.encoding())
        .map(|encoding| Item {
            name: encoding.name().to_owned(),
            summary: encoding.summary().to_owned(),
            page: encoding.explain().to_owned(),
            cells: Vec::new(),
        })
        .collect()
}

fn formats() -> Vec<Item> {
    let item = |format: ElementFormat| Item {
        name: format.name().to_owned(),
        summary: format.summary().to_owned(),
        page: format.explain(),
        cells: Vec::new(),
    };
    ElementFormat::ALL.map(item).to_vec()
}

fn transforms() -> Vec<Item> {
    transform::ALL
        .iter()
        .map(|transform| Item {
            name: transform.name().to_owned(),
            summary: transform.summary().to_owned(),
            page: transform.explain().to_owned(),
            cells: Vec::new(),
        })
        .collect()
}

fn arrays() -> Vec<Item> {
    let item = |kind: &ArrayKind| Item {
        name: kind.name().to_owned(),
        summary: kind.summary().to_owned(),
        page: kind.explain().to_owned(),
        cells: Vec::new(),
    };
    ArrayKind::ALL.iter().map(item).collect()
}

fn workloads() -> Vec<Item> {
    workload::shipped()
        .iter()
        .map(|shipped| Item {
            name: shipped.name.to_owned(),
            summary: shipped.summary.to_owned(),
            page: shipped.text.to_owned(),
            cells: Vec::new(),
        })
        .collect()
}

fn processes() -> Vec<Item> {
    process::SHIPPED
        .iter()
        .map(|shipped| Item {
            name: shipped.name.to_owned(),
            summary: shipped.summary.to_owned(),
            page: process::page(shipped),
            cells: Vec::new(),
        })
        .collect()
}

fn primitives() -> Vec<Item> {
    Primitive::ALL
        .iter()
        .map(|primitive| Item {
            name: primitive.name.to_owned(),
            summary: primitive.summary.to_owned(),
            page: primitive.explain.to_owned(),
            cells: Vec::new(),
        })
        .collect()
}

/// Every error code that has a page.
pub fn explained_codes() -> Vec<Item> {
    encoding::error_codes()
        .iter()
        .copied()
        .chain(notation::error_codes())
        .chain(design::error_codes())
        .chain(workload::error_codes())
        .chain(simulate::error_codes().iter().copied())
        .chain(report::error_codes().iter().copied())
        .chain(synth::error_codes().iter().copied())
        .chain(process::error_codes().iter().copied())
        .chain(liberty::error_codes().iter().copied())
        .chain(failure::error_codes().iter().copied())
        .map(|(code, page)| Item {
            name: code.to_owned(),
            summary: first_sentence(page),
            page: format!("{}\n", page.trim_end()),
            cells: Vec::new(),
        })
        .collect()
}

/// What is up to the first full stop that ends a word, on one line.
fn first_sentence(page: &str) -> String {
    let line = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.find(". ").map_or(line.len(), |end| end);
    line[..end].trim_end_matches('.').to_owned()
}
