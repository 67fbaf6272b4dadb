//! What can be wrong with a SCALE-Sim topology, and the pages that `explain` prints.

use std::ops::Range;

use miette::NamedSource;

use crate::mistake::Mistake;

/// A topology file while it is read, for errors about its places.
pub(super) struct Source<'t> {
    /// Its name in messages.
    pub shown: &'t str,
    /// What it says.
    pub text: &'t str,
}

impl Source<'_> {
    /// An error of a place; the code is that of a row of [`PAGES`].
    pub fn mistake(
        &self,
        code: &'static str,
        at: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Mistake {
        Mistake::new(code, message, help).at(NamedSource::new(self.shown, self.text.to_owned()), at, label)
    }
}

/// Each code of topologies with its page.
pub(in crate::workload) static PAGES: [(&str, &str); 7] = [
    (
        "workload::topology_number",
        "\
A cell of a SCALE-Sim topology must be a whole number of 1 to 16,777,216. A convolution has seven of
them behind the name (height and width of the input, height and width of the filter, channels,
filters, stride), a GEMM three (M, N, K). Names of variables, as in a template, are not numbers, and
two numbers in a cell (`1 2`) are mostly a comma at the wrong place. A layer without a side
computes nothing: leave it out.
",
    ),
    (
        "workload::topology_missing",
        "\
A row of a SCALE-Sim topology ends before it has all its numbers, or one of its cells is empty.

  convolution   name, input height, input width, filter height, filter width, channels, filters,
                stride
  GEMM          name, M, N, K

A row that has a name and nothing else is taken as a heading, and noted. Whether a file has
convolutions or GEMMs is read from its header; `--topology conv` or `--topology gemm` overrides it.
",
    ),
    (
        "workload::topology_filter",
        "\
The filter of a convolution is higher or wider than its input, so there is no place where it fits.
SCALE-Sim knows no padding: inputs are given with theirs, so an input of 14 x 14 with a padding of 1
is written as 16 x 16.
",
    ),
    (
        "workload::topology_sparsity",
        "\
A sparsity is written N:M: of each M consecutive weights along K at most N are not zero. N is 1 to
M, as in 2:4, and M at most 1024. An empty cell is a dense layer.
",
    ),
    (
        "workload::topology_form",
        "\
Nothing says whether the rows of this file are convolutions or GEMMs: its header names neither
(`IFMAP Height`, `Channels`, .. or `M`, `N`, `K`), and its first row has neither seven nor three
numbers behind the name. Give `--topology conv` or `--topology gemm`, or mend the header:

  Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,
  Layer, M, N, K,
",
    ),
    (
        "workload::topology_too_large",
        "\
All layers of a topology together, batches and the channels of depth-wise layers included, are at
most 2^52 multiply-accumulates (4.5 * 10^15), and a layer occurs at most 1,000,000 times. Nothing
larger is counted exactly in the numbers of this program. Look for a slip of a comma.
",
    ),
    (
        "workload::topology_empty",
        "\
The first line of a SCALE-Sim topology is its header, whatever it says. Nothing behind it is a
layer: there are only blank lines, rows of commas, headings or comments.
",
    ),
];
