//! Prints the figures of a checkout: `cargo run -p tidy --example figures -- [PATH]`.
#![expect(clippy::print_stdout, reason = "it prints")]

use std::collections::BTreeSet;
use std::path::Path;

use tidy::{Comments, Figures, Kind};

const KINDS: [(Kind, &str); 3] =
    [(Kind::Shipped, "shipped"), (Kind::Test, "tests"), (Kind::Tool, "tools")];

fn main() {
    let root = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let figures = Figures::of(Path::new(&root));
    lines(&figures);
    names(&figures);
    comments(&figures);
    println!("\ncircles of imports: {}", figures.circles.len());
    for circle in &figures.circles {
        println!("  {}", circle.join(" "));
    }
    copies(&figures);
    operations(&figures);
    println!("\nfiles that have a term of the field");
    for it in &figures.searched {
        println!("  {:<24} {:>6}", it.word, it.files);
    }
    println!("\ntests with a possessive in their name: {}", figures.possessive_tests.len());
}

fn lines(figures: &Figures) {
    println!("lines of source (Rust, SQL, scripts)");
    for (kind, name) in KINDS {
        let lines = || figures.lines.iter().filter(move |((of, _), _)| *of == kind);
        println!("  {name:<24} {:>6}", lines().map(|(_, count)| count).sum::<usize>());
        for ((_, package), count) in lines() {
            println!("    {package:<22} {count:>6}");
        }
    }
    println!("  {:<24} {:>6}", "all", figures.lines.values().sum::<usize>());
}

fn names(figures: &Figures) {
    let types = figures.types.len();
    let letters: usize = figures.types.iter().map(|it| it.name.len()).sum();
    let doubled = figures.doubled();
    let again: usize = doubled.values().map(|files| files.len() - 1).sum();
    println!("\ntypes that ship: {types}, with {} names", types - again);
    println!("  mean length of a name {}", tenths(letters, types));
    let share = tenths(doubled.len() * 100, types - again);
    println!("  names of more than one: {}, {share} %", doubled.len());
    for (name, files) in doubled {
        println!("    {name:<22} {}", files.join(" "));
    }
}

fn comments(figures: &Figures) {
    let line = |name: &str, it: Comments| {
        println!(
            "  {name:<24} {:>4} of {:>5}, {} %",
            it.riddles,
            it.all,
            tenths(it.riddles * 100, it.all)
        );
    };
    println!("\ndoc comments that begin with a question word");
    line("all", figures.all_comments());
    for (package, comments) in &figures.comments {
        line(package, *comments);
    }
}

fn copies(figures: &Figures) {
    println!("\npairs of six copied lines");
    for (kind, name) in KINDS {
        let copies = figures.copies.get(&kind).into_iter().flatten();
        println!("  {name:<24} {:>6}", copies.clone().count());
        for it in copies {
            println!("    {}:{} {}:{}", it.one.0, it.one.1, it.other.0, it.other.1);
        }
    }
}

fn operations(figures: &Figures) {
    let files: usize = figures.operations.values().map(BTreeSet::len).sum();
    println!("\nstore operations: {}", figures.operations.len());
    println!(
        "  files that define one by its name, mean {}",
        tenths(files, figures.operations.len())
    );
}

fn tenths(sum: usize, count: usize) -> String {
    let tenths = sum * 10 / count.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}
