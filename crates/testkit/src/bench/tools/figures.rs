//! What was measured, as a table for people and as JSON for machines.

use serde::Serialize;
use serde_json::json;

/// A goal that a figure is held against.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// The value is to be at least this.
    ValueAtLeast(f64),
    /// The value is to be at most this.
    ValueAtMost(f64),
    /// The ratio is to be at least this.
    RatioAtLeast(f64),
    /// Nothing is asked of it; it is what others are held against.
    None,
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    ratio: Option<f64>,
    target: Target,
    met: Option<bool>,
}

/// All figures of a run.
pub(crate) struct Report {
    /// Whether the run is to be short.
    pub(crate) quick: bool,
    figures: Vec<Figure>,
}

impl Report {
    /// Nothing yet.
    pub(crate) fn new(quick: bool) -> Self {
        Self { quick, figures: Vec::new() }
    }

    /// Takes a figure, and says so at once.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        ratio: Option<f64>,
        target: Target,
    ) {
        let met = match target {
            Target::ValueAtLeast(goal) => Some(value >= goal),
            Target::ValueAtMost(goal) => Some(value <= goal),
            Target::RatioAtLeast(goal) => Some(ratio.is_some_and(|ratio| ratio >= goal)),
            Target::None => None,
        };
        let figure = Figure { name: name.into(), value, unit, ratio, target, met };
        say(&figure.line());
        self.figures.push(figure);
    }

    /// Prints the table, and JSON after it if wanted.
    #[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
    pub(crate) fn print(&self, as_json: bool) {
        println!("| figure | value | ratio | target | met |\n|---|---|---|---|---|");
        for figure in &self.figures {
            println!("{}", figure.line());
        }
        if as_json {
            println!("{}", json!({"quick": self.quick, "figures": self.figures}));
        }
    }
}

impl Figure {
    fn line(&self) -> String {
        let ratio = self.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        let target = match self.target {
            Target::ValueAtLeast(goal) => format!("≥ {} {}", number(goal), self.unit),
            Target::ValueAtMost(goal) => format!("≤ {} {}", number(goal), self.unit),
            Target::RatioAtLeast(goal) => format!("ratio ≥ {goal:.2}"),
            Target::None => String::new(),
        };
        let met = match self.met {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "",
        };
        format!("| {} | {} {} | {ratio} | {target} | {met} |", self.name, number(self.value), self.unit)
    }
}

fn number(value: f64) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// Tells the person who waits what is being done.
#[expect(clippy::print_stderr, reason = "progress is for the person who waits")]
pub(crate) fn say(what: &str) {
    eprintln!("{what}");
}
