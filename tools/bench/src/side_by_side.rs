//! Two services, measured in turn.

use std::net::SocketAddr;
use std::sync::Arc;

use xtask::run::Failure;

use crate::{Arguments, Bench, closed_loop, verdict};

/// The rounds, the requests of each, and the numbers of connections.
pub(crate) struct Plan {
    requests: usize,
    pub(crate) rounds: usize,
    connections: Vec<usize>,
}

/// One of those that are compared.
#[derive(Clone, Copy)]
pub(crate) struct Contender<'a> {
    pub(crate) name: &'a str,
    pub(crate) addresses: &'a [SocketAddr],
}

impl Plan {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        let (requests, rounds) = (arguments.requests(), arguments.rounds.max(1));
        Self { requests, rounds, connections: arguments.connections.clone() }
    }

    /// Returns the number of requests that each of both gets, those to warm up included.
    pub(crate) fn requests_to_each(&self) -> usize {
        self.requests * (self.rounds + 1) * self.connections.len()
    }
}

/// Measures and prints the rates of both, and the ratio of the first to the second, which is to be
/// `aim` or more.
pub(crate) fn run(
    bench: &mut Bench,
    plan: &Plan,
    [first, second]: [Contender<'_>; 2],
    aim: Option<f64>,
) -> Result<(), Failure> {
    let Plan { requests, rounds: count, .. } = plan;
    let compared = format!("{} against {}", first.name, second.name);
    println!("\n{compared}: {count} rounds of {requests} requests");
    println!("connections  {:>15}  {:>15}  ratio  lowest  highest", first.name, second.name);
    for connections in &plan.connections {
        let rounds = rounds(bench, plan, *connections, [first, second])?;
        let first = median(rounds.iter().map(|(first, _)| *first));
        let second = median(rounds.iter().map(|(_, second)| *second));
        let ratios = || rounds.iter().map(|(first, second)| first / second);
        let (ratio, lowest) = (median(ratios()), ratios().fold(f64::INFINITY, f64::min));
        bench.keep(&format!("{compared}, {connections} connections: ratio"), ratio)?;
        print!("{connections:11}  {first:13.0}/s  {second:13.0}/s  {ratio:5.3}  {lowest:6.3}");
        let highest = ratios().fold(0.0, f64::max);
        match aim {
            None => println!("  {highest:7.3}"),
            Some(aim) => println!("  {highest:7.3}   {} (aim: {aim})", verdict(ratio >= aim)),
        }
    }
    Ok(())
}

/// The rates of both in each round that counts.
fn rounds(
    bench: &mut Bench,
    plan: &Plan,
    connections: usize,
    [first, second]: [Contender<'_>; 2],
) -> Result<Vec<(f64, f64)>, Failure> {
    let mut rates = Vec::with_capacity(plan.rounds);
    for round in 0..=plan.rounds {
        let requests = Arc::new(bench.requests(plan.requests));
        let measure = |it: Contender<'_>| {
            bench.wait_for(closed_loop::rate(it.addresses, &requests, connections))
        };
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
    use super::{Plan, median};

    #[test]
    fn the_round_to_warm_up_is_counted_for_each_number_of_connections() {
        let plan = Plan { requests: 100, rounds: 9, connections: vec![32, 256] };
        assert_eq!(plan.requests_to_each(), 2000);
    }

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert!((median([3.0, 1.0, 2.0].into_iter()) - 2.0).abs() < f64::EPSILON);
    }
}
