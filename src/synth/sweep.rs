//! Many targets with every script, and what is best of them.

use rayon::prelude::*;

use super::point::{Point, Prepared};
use super::script::Script;
use crate::estimate::front;
use crate::mistake::Mistake;

/// What is asked of a design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// The least area that closes at this clock period, ns.
    Clock(f64),
    /// Area against period.
    Curve,
    /// A few points: the fastest, and the least area times period.
    Quick,
}

/// Targets of a curve, in shares of the period that ABC reaches when asked for the impossible.
const CURVE: [f64; 6] = [0.3, 0.5, 0.7, 0.9, 1.15, 1.5];
/// The same without `--curve`.
const QUICK: [f64; 2] = [0.5, 1.0];
/// Targets for a clock, in shares of it: flip-flops take the rest.
const CLOCKED: [f64; 3] = [0.5, 0.7, 0.9];

/// Runs the flow for a goal; points in the order of script, then target. They are spread over the threads of rayon.
///
/// # Errors
/// Those of [`Prepared::point`].
pub fn sweep(prepared: &Prepared, goal: Goal) -> Result<Vec<Point>, Mistake> {
    let (period_ns, shares): (f64, &[f64]) = match goal {
        Goal::Clock(period_ns) => (period_ns, &CLOCKED),
        Goal::Curve => (prepared.point(Script::Balanced, 1)?.min_period_ns, &CURVE),
        Goal::Quick => (prepared.point(Script::Balanced, 1)?.min_period_ns, &QUICK),
    };
    let targets: Vec<(Script, u64)> = Script::ALL
        .into_iter()
        .flat_map(|script| shares.iter().map(move |share| (script, target_ps(period_ns * share))))
        .collect();
    targets.into_par_iter().map(|(script, target)| prepared.point(script, target)).collect()
}

/// A target in whole ps with two digits that count.
fn target_ps(ns: f64) -> u64 {
    let ps = (ns * 1e3).max(1.0);
    let unit = 10f64.powi(ps.log10().floor() as i32 - 1).max(1.0);
    ((ps / unit).round() * unit) as u64
}

/// The points that no other one beats in both period and area, fastest first.
pub fn envelope(points: &[Point]) -> Vec<&Point> {
    front(points.iter().collect(), |point| (point.min_period_ns, point.area_um2))
}

/// The point of the smallest period.
pub fn fastest(points: &[Point]) -> Option<&Point> {
    envelope(points).into_iter().next()
}

/// The point of the least area times period.
pub fn best_product(points: &[Point]) -> Option<&Point> {
    let product = |point: &Point| point.area_um2 * point.min_period_ns;
    envelope(points).into_iter().min_by(|a, b| product(a).total_cmp(&product(b)))
}

/// The smallest point that closes at a period.
pub fn smallest_at(points: &[Point], clock_ns: f64) -> Option<&Point> {
    envelope(points).into_iter().rfind(|point| point.min_period_ns <= clock_ns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(min_period_ns: f64, area_um2: f64) -> Point {
        Point {
            script: Script::Area,
            target_ps: 1,
            min_period_ns,
            area_um2,
            cells: 0,
            flip_flops: 0,
            modules: Vec::new(),
            critical_path: Vec::new(),
            folder: String::new(),
        }
    }

    #[test]
    fn the_envelope_keeps_what_nothing_beats_and_answers_from_it() {
        let points = [point(1.0, 100.0), point(0.8, 120.0), point(0.9, 130.0), point(0.8, 125.0), point(2.0, 99.0)];
        let kept: Vec<(f64, f64)> = envelope(&points).iter().map(|p| (p.min_period_ns, p.area_um2)).collect();
        assert_eq!(kept, [(0.8, 120.0), (1.0, 100.0), (2.0, 99.0)]);
        assert_eq!(fastest(&points).map(|p| p.area_um2), Some(120.0));
        assert_eq!(best_product(&points).map(|p| p.area_um2), Some(120.0));
        assert_eq!(smallest_at(&points, 1.5).map(|p| p.area_um2), Some(100.0));
        assert_eq!(smallest_at(&points, 0.7), None);
    }

    #[test]
    fn targets_have_two_digits() {
        assert_eq!([0.0, 0.0123, 0.8764, 1.234].map(target_ps), [1, 12, 880, 1200]);
    }
}
