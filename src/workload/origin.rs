//! What a workload was made from, and so what its user can change: the only place that words advice by it.

use crate::encoding::Format;

/// What the layers of a workload were made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A workload file, with its keys.
    Toml,
    /// The rows of a SCALE-Sim topology, which have extents and no values.
    Topology,
    /// An ONNX model, with its weights, and the options of the command line.
    Model,
}

impl Origin {
    /// How weights come to have at most `n` of `m` that are not zero.
    pub fn prune(self, n: u32, m: u32) -> String {
        let prune = match self {
            Self::Toml => format!("prune the weights, in the workload with `sparsity = {{ n-of-m = [{n}, {m}] }}`"),
            Self::Topology => format!(
                "weights of a topology are drawn, dense but for its column `Sparsity`: write {n}:{m} there, behind the \
                 numbers of each layer"
            ),
            Self::Model => format!(
                "prune the weights along K to {n} of {m} where the model is trained or exported, before they are quantised"
            ),
        };
        format!("{prune}, or remove `compress-n-of-m` from the design")
    }

    /// How a layer gets fewer steps of K, M or N in a sum or tile.
    pub fn cut(self) -> &'static str {
        match self {
            Self::Toml => "cut the layer in the workload",
            Self::Topology => "split the row of the topology into several",
            Self::Model => {
                "give smaller extents with `--shape` where the model leaves them open, or write the layer as several \
                 [[gemm]] of a workload in TOML"
            }
        }
    }

    /// What to do about a layer that is more than a run can do.
    pub(super) fn shrink(self) -> &'static str {
        match self {
            Self::Toml => "use smaller extents, fewer products or repetitions",
            Self::Topology => "write smaller extents into the row, or split it into several",
            Self::Model => {
                "give smaller extents with `--shape` where the model leaves them open, or cut a part of it out with \
                 onnx.utils.extract_model"
            }
        }
    }

    /// What to do about very many layers.
    pub(super) fn fewer_layers(self) -> &'static str {
        match self {
            Self::Toml => "write layers of one shape as one with `repeat`, or cut the workload into several",
            Self::Topology => "cut the file into several, or give equal rows once with a batch size",
            Self::Model => "cut a part of the model out with onnx.utils.extract_model",
        }
    }

    /// What to do about integers for an operand in a format of floats.
    pub(super) fn quantised_already(self, format: Format, operand: &str) -> String {
        match self {
            Self::Toml | Self::Topology => {
                format!("{format} is quantised from floats; codes = true takes integers as its codes")
            }
            Self::Model => format!(
                "{format} is quantised from floats, and integers of a model are taken as they are: choose a design whose \
                 {operand} has them, `--set operands.{operand}=int8`, or export the model with weights in float"
            ),
        }
    }

    /// What to do about a scheme where the format has its own.
    pub(super) fn no_scheme(self) -> &'static str {
        match self {
            Self::Toml | Self::Topology => "blocks along K have scales of their own: leave `quantize` out",
            Self::Model => "blocks along K have scales of their own: leave `--quantize` away",
        }
    }

    /// What to do about an integer that an operand cannot hold.
    pub(super) fn widen(self, format: Format, operand: Option<&str>, value: i128) -> String {
        let own = i128::BITS + 1 - if value < 0 { (!value).leading_zeros() } else { value.leading_zeros() };
        let bits = own.max(format.bits + u32::from(!format.signed));
        let wider = match operand {
            Some(operand) if bits <= 16 && format.element.is_none() => {
                format!("`--set operands.{operand}=int{bits}` holds this one")
            }
            _ => "use another operand format".to_owned(),
        };
        match self {
            Self::Toml | Self::Topology => format!("quantise the values to {format}, or use another format: {wider}"),
            Self::Model => format!("integers of a model are taken as they are: {wider}"),
        }
    }

    /// Where a file should be that is not there.
    pub(super) fn missing_file(self) -> &'static str {
        match self {
            Self::Toml | Self::Topology => "a path is relative to the folder of the workload file",
            Self::Model => {
                "values that a model keeps in another file are read from the folder of the model: copy it there"
            }
        }
    }

    /// Which types of values are read.
    pub(super) fn types(self) -> &'static str {
        match self {
            Self::Toml | Self::Topology => {
                "read are bool, integers of 8 to 64 bits as they are, and float16, bfloat16, float32 and float64 quantised; convert it, e.g. array.astype(numpy.int32) for integers, \
                 array.astype(numpy.float32) for real numbers"
            }
            Self::Model => {
                "read are bool, integers of 4 to 64 bits, float16, bfloat16, float32 and float64: convert the weights \
                 where the model is exported, or cut the node out with onnx.utils.extract_model"
            }
        }
    }
}
