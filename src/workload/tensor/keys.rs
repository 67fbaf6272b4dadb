//! The keys of a workload that name a tensor in a file.

use miette::SourceSpan;
use serde_spanned::Spanned;

use super::{Container, Packing, Quantize, TensorFile, fault::mistake};
use crate::{
    mistake::did_you_mean,
    workload::{FileText, WorkloadError},
};

/// Keys as they are written; those that a table does not have are absent.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::workload) struct SourceKeys<'a> {
    pub npy: Option<&'a Spanned<String>>,
    pub npz: Option<&'a Spanned<String>>,
    pub safetensors: Option<&'a Spanned<String>>,
    pub onnx: Option<&'a Spanned<String>>,
    pub tensor: Option<&'a Spanned<String>>,
    pub packed: Option<&'a Spanned<String>>,
    pub transpose: Option<&'a Spanned<bool>>,
    pub quantize: Option<&'a Spanned<String>>,
    pub codes: Option<&'a Spanned<bool>>,
    pub exponents: Option<&'a Spanned<String>>,
}

fn span<T>(value: &Spanned<T>) -> SourceSpan {
    value.span().into()
}

impl<'a> SourceKeys<'a> {
    /// Files that are named.
    pub(in crate::workload) fn files(self) -> impl Iterator<Item = (Container, &'a Spanned<String>)> {
        let all = [
            (Container::Npy, self.npy),
            (Container::Npz, self.npz),
            (Container::Safetensors, self.safetensors),
            (Container::Onnx, self.onnx),
        ];
        all.into_iter().filter_map(|(container, path)| Some((container, path?)))
    }

    /// The tensor of the one file that is named; `None` without a file.
    ///
    /// # Errors
    /// A key that belongs to another source, a name that is none of those that a key takes.
    pub(in crate::workload) fn tensor_file(self, text: &FileText) -> Result<Option<TensorFile>, WorkloadError> {
        let Some((container, path)) = self.files().next() else {
            self.no_strays(text)?;
            return Ok(None);
        };
        if let (Container::Npy, Some(name)) = (container, self.tensor) {
            let message = "a .npy file holds one array, without a name".to_owned();
            let help =
                "leave `tensor` out, or name a file of several: npz = \"..\", safetensors = \"..\" or onnx = \"..\""
                    .to_owned();
            return Err(mistake(CODE, (message, help), text, span(name), "this name"));
        }
        let packing = named(self.packed, "packed", &Packing::NAMES, Packing::of, text)?;
        let quantize = named(self.quantize, "quantize", &Quantize::NAMES, Quantize::of, text)?;
        if let (Some(_), Some(key)) = (packing, self.quantize) {
            let message = "packed values are integers, which are never rescaled".to_owned();
            return Err(mistake(CODE, (message, "leave `quantize` out".to_owned()), text, span(key), "this key"));
        }
        let is_codes = self.codes.is_some_and(|codes| *codes.get_ref());
        if let (true, Some(key)) = (is_codes, self.quantize) {
            let message = "codes are numbers already, which are never rescaled".to_owned();
            return Err(mistake(CODE, (message, "leave `quantize` out".to_owned()), text, span(key), "this key"));
        }
        if let (false, Some(key)) = (is_codes, self.exponents) {
            let message = "`exponents` are those of blocks of codes".to_owned();
            let help = "add codes = true; reals get the exponents of their blocks when they are quantised".to_owned();
            return Err(mistake(CODE, (message, help), text, span(key), "this key"));
        }
        Ok(Some(TensorFile {
            path: path.get_ref().clone(),
            container,
            tensor: self.tensor.map(|name| name.get_ref().clone()),
            packing,
            transpose: self.transpose.is_some_and(|transpose| *transpose.get_ref()),
            quantize,
            codes: is_codes,
            exponents: self.exponents.map(|name| (name.get_ref().clone(), span(name))),
            part: None,
            at: span(path),
            tensor_at: self.tensor.map(span),
        }))
    }

    /// Checks that nothing says how to read a file where there is none.
    fn no_strays(self, text: &FileText) -> Result<(), WorkloadError> {
        let strays = [
            ("tensor", self.tensor.map(span)),
            ("packed", self.packed.map(span)),
            ("transpose", self.transpose.map(span)),
            ("quantize", self.quantize.map(span)),
            ("codes", self.codes.map(span)),
            ("exponents", self.exponents.map(span)),
        ];
        match strays.into_iter().find_map(|(key, at)| Some((key, at?))) {
            None => Ok(()),
            Some((key, at)) => {
                let message = format!("`{key}` says how a tensor is read from a file, and no file is named");
                let help =
                    "add npy = \"..\", npz = \"..\", safetensors = \"..\" or onnx = \"..\", or leave it out".to_owned();
                Err(mistake(CODE, (message, help), text, at, "this key"))
            }
        }
    }
}

const CODE: &str = "workload::bad_tensor_key";

/// What the name of a key's value means.
fn named<T>(
    key: Option<&Spanned<String>>,
    what: &str,
    names: &[&str],
    of: fn(&str) -> Option<T>,
    text: &FileText,
) -> Result<Option<T>, WorkloadError> {
    let Some(key) = key else { return Ok(None) };
    match of(key.get_ref()) {
        Some(meant) => Ok(Some(meant)),
        None => {
            let message = format!("{what} = \"{}\" means nothing", key.get_ref());
            let label = did_you_mean(key.get_ref(), names.iter().copied(), "no such choice");
            let help = format!("one of: {}", names.join(", "));
            Err(mistake(CODE, (message, help), text, span(key), &label))
        }
    }
}
