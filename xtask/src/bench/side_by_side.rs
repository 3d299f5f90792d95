//! Two processes, measured in turn.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::bench::{Arguments, Bench, closed_loop};
use crate::run::Failure;

/// How often, how much, and over how many connections.
pub(crate) struct Plan {
    requests: usize,
    rounds: usize,
    connections: Vec<usize>,
}

impl Plan {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        let Arguments { requests, rounds, ref connections, .. } = *arguments;
        Self { requests, rounds: rounds.max(1), connections: connections.clone() }
    }
}

/// Measures and prints the rates of both, and the ratio of the first to the second.
pub(crate) fn run(
    bench: &mut Bench,
    plan: &Plan,
    names: [&str; 2],
    addresses: [SocketAddr; 2],
) -> Result<(), Failure> {
    let [first, second] = names;
    println!("\n{first} against {second}: {} rounds of {} requests", plan.rounds, plan.requests);
    println!("connections  {first:>14}  {second:>14}  ratio  lowest  highest");
    for connections in &plan.connections {
        let rounds = rounds(bench, plan, *connections, addresses)?;
        let first = median(rounds.iter().map(|(first, _)| *first));
        let second = median(rounds.iter().map(|(_, second)| *second));
        let ratios = || rounds.iter().map(|(first, second)| first / second);
        println!(
            "{connections:11}  {first:12.0}/s  {second:12.0}/s  {:5.3}  {:6.3}  {:7.3}",
            median(ratios()),
            ratios().fold(f64::INFINITY, f64::min),
            ratios().fold(0.0, f64::max),
        );
    }
    Ok(())
}

/// The rates of both in each round that counts.
fn rounds(
    bench: &mut Bench,
    plan: &Plan,
    connections: usize,
    [first, second]: [SocketAddr; 2],
) -> Result<Vec<(f64, f64)>, Failure> {
    let mut rates = Vec::with_capacity(plan.rounds);
    for round in 0..=plan.rounds {
        let requests = Arc::new(bench.requests(plan.requests));
        let measure = |address| bench.wait_for(closed_loop::rate(address, &requests, connections));
        // Neither is always the one that runs after the other.
        let both = if round % 2 == 0 {
            (measure(first)?, measure(second)?)
        } else {
            let second = measure(second)?;
            (measure(first)?, second)
        };
        if round > 0 {
            rates.push(both);
        }
    }
    Ok(rates)
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers = numbers.collect::<Vec<_>>();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert!((median([3.0, 1.0, 2.0].into_iter()) - 2.0).abs() < f64::EPSILON);
    }
}
