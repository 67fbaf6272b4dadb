//! Convolutions and attention: from their keys to layers.

use serde_spanned::Spanned;

use super::conv::Conv;
use super::error::WorkloadError;
use super::file::{AttentionKeys, ConvKeys};
use super::layer::Layer;
use super::resolve::{GREATEST_EXTENT, Resolver, span};
use super::tensor::Want;

impl Resolver {
    pub(super) fn conv(&self, keys: &ConvKeys) -> Result<Layer, WorkloadError> {
        let name = self.new_name(&keys.name, "")?;
        let conv = self.conv_shape(keys)?;
        let (m, n, k) = conv.product();
        let at = span(&keys.name);
        let a = self.tensor(keys.a.as_ref(), (&format!("the input of `{name}`"), at), Want::Input(conv))?;
        let b = self.tensor(keys.b.as_ref(), (&format!("the filters of `{name}`"), at), Want::Filters(conv))?;
        let bias = keys.bias.as_ref();
        let bias =
            bias.map(|keys| self.vector(keys, &format!("bias of `{name}`"), Want::Bias(conv.filters))).transpose()?;
        let requantize = keys.requantize.as_ref().map(|keys| self.requantize(keys)).transpose()?;
        let repeat = self.times("repeat", keys.repeat.as_ref())?;
        let products = conv.groups as u64;
        Ok(Layer { name, m, n, k, products, repeat, conv: Some(conv), a, b, bias, requantize, labels: None, at })
    }

    fn conv_shape(&self, keys: &ConvKeys) -> Result<Conv, WorkloadError> {
        let one = |key, value: &Spanned<i64>| self.within(key, value, GREATEST_EXTENT).map(|value| value as usize);
        let several = |key: &'static str, values: &[i64], least: i64, at| {
            let mut extents = Vec::with_capacity(values.len());
            for &value in values {
                if !(least..=GREATEST_EXTENT).contains(&value) {
                    let help = format!("the numbers of `{key}` are {least} to {GREATEST_EXTENT}");
                    return Err(self.bad_shape(format!("{key} has {value}"), help, at));
                }
                extents.push(value as usize);
            }
            Ok(extents)
        };
        let pair = |key, written: &Option<Spanned<[i64; 2]>>, least: i64| match written {
            None => Ok([least as usize; 2]),
            Some(pair) => several(key, pair.get_ref(), least, span(pair)).map(|pair| [pair[0], pair[1]]),
        };
        let input = several("input", keys.input.get_ref(), 1, span(&keys.input))?;
        let kernel = several("kernel", keys.kernel.get_ref(), 1, span(&keys.kernel))?;
        let conv = Conv {
            batch: keys.batch.as_ref().map_or(Ok(1), |batch| one("batch", batch))?,
            channels: input[0],
            input: [input[1], input[2]],
            filters: one("filters", &keys.filters)?,
            kernel: [kernel[0], kernel[1]],
            stride: pair("stride", &keys.stride, 1)?,
            padding: pair("padding", &keys.padding, 0)?,
            after: pair("padding", &keys.padding, 0)?,
            dilation: pair("dilation", &keys.dilation, 1)?,
            groups: keys.groups.as_ref().map_or(Ok(1), |groups| one("groups", groups))?,
        };
        let (groups, of) = (conv.groups, [("input channels", conv.channels), ("filters", conv.filters)]);
        if let (Some(written), Some((what, count))) =
            (&keys.groups, of.into_iter().find(|(_, count)| count % groups != 0))
        {
            let reason = format!("{groups} groups do not divide {count} {what}");
            let help = "`groups` divides the input channels and the filters".to_owned();
            return Err(self.bad_shape(reason, help, span(written)));
        }
        // Checked in 128 bits before anything is multiplied in a machine word.
        let most = |extents: &[usize]| extents.iter().map(|&extent| extent as u128).product::<u128>();
        let (rows, cols) = ([conv.batch, conv.input[0], conv.input[1]], [conv.channels, kernel[0], kernel[1]]);
        if most(&rows) > GREATEST_EXTENT as u128 || most(&cols) > GREATEST_EXTENT as u128 {
            let reason = "the product that this convolution is lowered to has too many rows or columns".to_owned();
            let help = format!("images x rows x columns, and channels x kernel, are at most {GREATEST_EXTENT}");
            return Err(self.bad_shape(reason, help, span(&keys.input)));
        }
        let fits = |axis: usize| conv.span(axis) <= conv.input[axis] + 2 * conv.padding[axis];
        if !(fits(0) && fits(1)) {
            let [y, x] = [0, 1].map(|axis| conv.input[axis] + 2 * conv.padding[axis]);
            let reason = format!("a filter spans {} x {}, its padded input is {y} x {x}", conv.span(0), conv.span(1));
            let help = "use a smaller kernel or dilation, or more padding".to_owned();
            return Err(self.bad_shape(reason, help, span(&keys.kernel)));
        }
        Ok(conv)
    }

    /// The products of the scores and of the context. The queries of heads that share keys and values are stacked.
    pub(super) fn attention(&self, keys: &AttentionKeys) -> Result<[Layer; 2], WorkloadError> {
        let extent = |key, value: &Spanned<i64>| self.within(key, value, GREATEST_EXTENT).map(|value| value as usize);
        let (queries, heads) = (extent("queries", &keys.queries)?, extent("heads", &keys.heads)?);
        let context = keys.context.as_ref().map_or(Ok(queries), |context| extent("context", context))?;
        let kv_heads = keys.kv_heads.as_ref().map_or(Ok(heads), |kv_heads| extent("kv-heads", kv_heads))?;
        let head_dim = extent("head-dim", &keys.head_dim)?;
        if heads % kv_heads != 0 {
            let reason = format!("{kv_heads} heads of keys and values cannot be shared by {heads} heads of queries");
            let help = "`kv-heads` divides `heads`".to_owned();
            let at = keys.kv_heads.as_ref().map_or(span(&keys.heads), span);
            return Err(self.bad_shape(reason, help, at));
        }
        let repeat = self.times("repeat", keys.repeat.as_ref())?;
        let (at, m) = (span(&keys.name), queries.saturating_mul(heads / kv_heads));
        if m > GREATEST_EXTENT as usize {
            let reason = format!("{queries} queries of {} heads make a product of {m} rows", heads / kv_heads);
            let help = format!("at most {GREATEST_EXTENT} rows");
            return Err(self.bad_shape(reason, help, span(&keys.queries)));
        }
        let layer = |suffix: &str, (n, k): (usize, usize)| {
            let name = self.new_name(&keys.name, suffix)?;
            let (products, conv) = (kv_heads as u64, None);
            let a = self.tensor(None, (&format!("a of `{name}`"), at), Want::A { rows: m, cols: k })?;
            let b = self.tensor(None, (&format!("b of `{name}`"), at), Want::B { rows: k, cols: n })?;
            let (bias, requantize, labels) = (None, None, None);
            Ok(Layer { name, m, n, k, products, repeat, conv, a, b, bias, requantize, labels, at })
        };
        Ok([layer(".scores", (context, head_dim))?, layer(".context", (head_dim, context))?])
    }
}
