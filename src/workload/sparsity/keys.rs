//! The keys of `sparsity`, and what can be wrong with them.

use miette::SourceSpan;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;

use super::{Share, Sparsity, Stand};
use crate::workload::{error::WorkloadError, resolve::Resolver, resolve::span, tensor::Want};

/// Values of a group of `n-of-m`.
const GREATEST_GROUP: i64 = 1024;
/// Rows or columns of a block.
const GREATEST_BLOCK: i64 = 128;

/// What is made 0 of a tensor: exactly one of `bernoulli`, `magnitude`, `n-of-m` and `block`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::workload) struct SparsityKeys {
    /// The probability with which each value becomes 0; at most nine decimals.
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub bernoulli: Option<Spanned<f64>>,
    /// The part of the values that becomes 0, those of the least magnitude; at most nine decimals.
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub magnitude: Option<Spanned<f64>>,
    /// [n, m]: of every m values along K the n greatest magnitudes stay.
    #[serde(default)]
    #[schemars(with = "Option<[i64; 2]>")]
    pub n_of_m: Option<Spanned<[i64; 2]>>,
    /// Rows and columns of a block of the operand; needs `zero`.
    #[serde(default)]
    #[schemars(with = "Option<[i64; 2]>")]
    pub block: Option<Spanned<[i64; 2]>>,
    /// The part of the blocks that becomes 0, those whose squares have the least sum; at most nine decimals.
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub zero: Option<Spanned<f64>>,
}

const KINDS: &str = "bernoulli, magnitude, n-of-m, block";

impl Resolver {
    /// What the keys mean, whatever tensor they are for.
    pub(in crate::workload) fn sparsity(&self, keys: &Spanned<SparsityKeys>) -> Result<Sparsity, WorkloadError> {
        let written = keys.get_ref();
        let kinds = [
            written.bernoulli.as_ref().map(span),
            written.magnitude.as_ref().map(span),
            written.n_of_m.as_ref().map(span),
            written.block.as_ref().map(span),
        ];
        let mut kinds: Vec<SourceSpan> = kinds.into_iter().flatten().collect();
        kinds.sort_by_key(SourceSpan::offset);
        if let Some(&second) = kinds.get(1) {
            let help = format!("give exactly one of: {KINDS}; a tensor is pruned once");
            return Err(self.bad_sparsity("this sparsity is of more than one kind".to_owned(), help, second));
        }
        if let (None, Some(zero)) = (&written.block, &written.zero) {
            let help = "`zero` is the part of the blocks that becomes 0: add block = [rows, columns]".to_owned();
            return Err(self.bad_sparsity("`zero` without `block`".to_owned(), help, span(zero)));
        }
        match (&written.bernoulli, &written.magnitude, &written.n_of_m, &written.block) {
            (Some(share), ..) => self.share("bernoulli", share).map(Sparsity::Bernoulli),
            (_, Some(share), ..) => self.share("magnitude", share).map(Sparsity::Magnitude),
            (_, _, Some(pair), _) => self.n_of_m(pair),
            (_, _, _, Some(block)) => self.block(block, written.zero.as_ref()),
            _ => {
                let help = format!("give one of: {KINDS}; leave `sparsity` out for a dense tensor");
                Err(self.bad_sparsity("nothing says what becomes 0".to_owned(), help, span(keys)))
            }
        }
    }

    fn bad_sparsity(&self, reason: String, help: String, at: SourceSpan) -> WorkloadError {
        WorkloadError::BadSparsity { reason, help, text: self.text.clone(), at }
    }

    fn share(&self, key: &str, written: &Spanned<f64>) -> Result<Share, WorkloadError> {
        Share::from_decimal(*written.get_ref()).map_err(|reason| {
            let help = format!("`{key}` is 0.0 to 1.0, with at most nine decimals");
            self.bad_sparsity(format!("{key}: {reason}"), help, span(written))
        })
    }

    fn n_of_m(&self, written: &Spanned<[i64; 2]>) -> Result<Sparsity, WorkloadError> {
        let [n, m] = *written.get_ref();
        if (1..=GREATEST_GROUP).contains(&m) && (1..=m).contains(&n) {
            return Ok(Sparsity::NOfM { n: n as u32, m: m as u32 });
        }
        let reason = match n > m {
            true => format!("of {m} values, {n} cannot stay"),
            false => format!("n-of-m = [{n}, {m}] is out of range"),
        };
        let help = format!("n is 1 to m, and m is 1 to {GREATEST_GROUP}, as in n-of-m = [2, 4]");
        Err(self.bad_sparsity(reason, help, span(written)))
    }

    fn block(&self, written: &Spanned<[i64; 2]>, zero: Option<&Spanned<f64>>) -> Result<Sparsity, WorkloadError> {
        let [rows, cols] = *written.get_ref();
        if ![rows, cols].iter().all(|extent| (1..=GREATEST_BLOCK).contains(extent)) {
            let help = format!("rows and columns of a block are 1 to {GREATEST_BLOCK}");
            return Err(self.bad_sparsity(format!("block = [{rows}, {cols}] is out of range"), help, span(written)));
        }
        let Some(zero) = zero else {
            let help = "add the part of the blocks that becomes 0, as in block = [4, 4], zero = 0.5".to_owned();
            return Err(self.bad_sparsity("`block` without `zero`".to_owned(), help, span(written)));
        };
        Ok(Sparsity::Block { extents: [rows as u32, cols as u32], zero: self.share("zero", zero)? })
    }

    /// Checks that blocks are not larger than the tensor they are of; `at` is where the sparsity is written.
    pub(in crate::workload) fn sparsity_fits(
        &self,
        sparsity: Option<(Sparsity, SourceSpan)>,
        tensor: &str,
        want: Want,
    ) -> Result<Option<Sparsity>, WorkloadError> {
        let Some((sparsity, at)) = sparsity else { return Ok(None) };
        let [rows, cols] = Stand::of(want).operand();
        match sparsity {
            Sparsity::Block { extents, .. } if extents[0] as usize > rows || extents[1] as usize > cols => {
                let [high, wide] = extents;
                let reason = format!("a block of {high} x {wide} is larger than {tensor}, which is {rows} x {cols}");
                let help =
                    "use smaller blocks; rows and columns are those of the operand as it is multiplied".to_owned();
                Err(self.bad_sparsity(reason, help, at))
            }
            _ => Ok(Some(sparsity)),
        }
    }
}
