//! What the tensors that came from files were, and what was done to them.

use serde::{Deserialize, Serialize};

use super::number::{grouped, share};
use crate::workload::TensorRecord;

/// An operand that came from a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tensor {
    /// `a` or `b`.
    pub operand: String,
    /// The file, as the workload names it.
    pub file: String,
    /// The tensor in it; `null` in a `.npy` file.
    pub tensor: Option<String>,
    /// The type of a stored number.
    pub dtype: String,
    /// The extents as stored.
    pub shape: Vec<u64>,
    /// Whether the operand is the transpose of that.
    pub transposed: bool,
    /// Elements of the operand.
    pub elements: u64,
    /// Those that are 0, before a workload makes others 0.
    pub zeros: u64,
    /// Non-zero digits of these elements under the design's encoding, whichever operand it encodes; `null` if it has none, or in older records.
    #[serde(default)]
    pub digits: Option<u64>,
    /// How reals became integers; `null` if integers were taken as they are.
    pub quantized: Option<Quantized>,
    /// The least and the greatest of the zero points that were subtracted from integers; left out if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zero_points: Option<[i64; 2]>,
}

/// A quantisation: real = scale * integer, symmetric, halves to even.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantized {
    /// `per-tensor` or `per-channel`.
    pub scheme: String,
    /// The format of the integers, e.g. `int8`.
    pub format: String,
    /// How many scales there are.
    pub scales: u64,
    /// The least of them.
    pub scale_min: f64,
    /// The greatest of them.
    pub scale_max: f64,
    /// Values that were clipped.
    pub clipped: u64,
}

impl Tensor {
    /// That of a record, with the digits of its values.
    pub(super) fn new(record: &TensorRecord, digits: Option<u64>) -> Self {
        Self {
            operand: record.operand.to_owned(),
            file: record.file.clone(),
            tensor: record.tensor.clone(),
            dtype: record.dtype.clone(),
            shape: record.shape.clone(),
            transposed: record.transposed,
            elements: record.elements,
            zeros: record.zeros,
            digits,
            zero_points: record.zero_points,
            quantized: record.quantized.as_ref().map(|quantized| Quantized {
                scheme: quantized.scheme.name().to_owned(),
                format: quantized.format.to_string(),
                scales: quantized.scales,
                scale_min: significant(quantized.scale_min),
                scale_max: significant(quantized.scale_max),
                clipped: quantized.clipped,
            }),
        }
    }

    /// Where it is from, e.g. `model.safetensors: fc1.weight`.
    pub fn source(&self) -> String {
        match &self.tensor {
            Some(tensor) => format!("{}: {tensor}", self.file),
            None => self.file.clone(),
        }
    }

    /// What was done to it, e.g. `float32 to int8 per channel, 128 scales 0.000917 to 0.00214, 0 clipped`.
    pub fn treatment(&self) -> String {
        let transposed = if self.transposed { ", transposed" } else { "" };
        let Some(quantized) = &self.quantized else {
            let how = match self.zero_points {
                None => "as it is".to_owned(),
                Some([least, greatest]) if least == greatest => format!("less its zero point {least}"),
                Some([least, greatest]) => format!("less its zero points {least} to {greatest}"),
            };
            return format!("{}{transposed}, {how}", self.dtype);
        };
        let Quantized { scheme, format, scales, scale_min, scale_max, clipped } = quantized;
        let scales = match scales {
            1 => format!("scale {}", shown(*scale_min)),
            _ => format!("{} scales {} to {}", grouped(*scales), shown(*scale_min), shown(*scale_max)),
        };
        format!("{}{transposed} to {format} {}, {scales}, {clipped} clipped", self.dtype, scheme.replace('-', " "))
    }

    /// The part of its elements that is 0.
    pub fn zero_share(&self) -> f64 {
        share(self.zeros, self.elements)
    }

    /// Mean non-zero digits of an element, where the design has an encoding.
    pub fn digits_per_element(&self) -> Option<f64> {
        self.digits.map(|digits| share(digits, self.elements))
    }
}

/// To 12 significant digits: few enough that a reader gets back the number that was written.
fn significant(scale: f64) -> f64 {
    format!("{scale:.11e}").parse().unwrap_or(scale)
}

/// Three significant digits.
fn shown(scale: f64) -> String {
    if (1e-4..1e4).contains(&scale) {
        let decimals = (2 - scale.log10().floor() as i32).max(0) as usize;
        return format!("{scale:.decimals$}");
    }
    format!("{scale:.2e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_shown_with_three_digits_and_kept_with_twelve() {
        for (scale, text) in
            [(0.00123456, "0.00123"), (1.0, "1.00"), (123.4, "123"), (4.5678e-9, "4.57e-9"), (2e7, "2.00e7")]
        {
            assert_eq!(shown(scale), text);
        }
        let kept = significant(1.0 / 127.0);
        assert!((kept * 127.0 - 1.0).abs() < 1e-11 && kept.to_string().len() <= 16, "{kept}");
    }

    #[test]
    fn a_tensor_says_where_it_is_from_and_what_was_done() {
        let mut tensor = Tensor {
            operand: "b".into(),
            file: "m.npz".into(),
            tensor: Some("w".into()),
            dtype: "float16".into(),
            shape: vec![4, 3],
            transposed: true,
            elements: 12,
            zeros: 3,
            digits: Some(18),
            zero_points: None,
            quantized: Some(Quantized {
                scheme: "per-channel".into(),
                format: "int8".into(),
                scales: 4,
                scale_min: 0.01,
                scale_max: 0.25,
                clipped: 0,
            }),
        };
        assert_eq!(tensor.source(), "m.npz: w");
        let treatment = "float16, transposed to int8 per channel, 4 scales 0.0100 to 0.250, 0 clipped";
        assert_eq!((tensor.treatment().as_str(), tensor.zero_share()), (treatment, 0.25));
        tensor.quantized = None;
        assert_eq!(tensor.treatment(), "float16, transposed, as it is");
        tensor.zero_points = Some([128, 128]);
        assert_eq!(tensor.treatment(), "float16, transposed, less its zero point 128");
        assert_eq!(tensor.digits_per_element(), Some(1.5));
    }
}
