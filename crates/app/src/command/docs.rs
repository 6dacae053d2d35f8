//! `tandem docs`: pages that are made from the program, so that they can't drift from it.

use super::print;
use crate::config::DESCRIPTIONS;
use clap::{Args, ValueEnum};

/// Which page.
#[derive(Args)]
pub(crate) struct Options {
    topic: Topic,
}

#[derive(Clone, Copy, ValueEnum)]
enum Topic {
    Config,
    ReadModels,
}

/// Prints it as Markdown.
pub(crate) fn page(options: &Options) {
    let (title, body) = match options.topic {
        Topic::Config => ("Settings", settings()),
        Topic::ReadModels => ("Read models", projections::describe()),
    };
    print(format_args!("<!-- Made by `cargo xtask bless`. Do not edit. -->\n\n# {title}\n\n{body}"));
}

fn settings() -> String {
    let mut page = String::from(
        "Settings come from a TOML file (`--config FILE` or `TANDEM_CONFIG`) and from the environment, which wins.\n\
         Unknown keys are refused.\n",
    );
    for setting in DESCRIPTIONS {
        let words: Vec<&str> = setting.lines.iter().map(|line| line.trim()).collect();
        page += &format!("\n## `{}`\n\n{}\n\n", setting.key, words.join("\n"));
        page += &format!(
            "```toml\n{} = {}\n```\n\nEnvironment: `{}`\n",
            setting.key, setting.example, setting.env
        );
    }
    page += "\n## `[[templates]]`\n\nSettings templates of your own, beside the built-in catalogue.\n\n";
    page += "```toml\n[[templates]]\ncode = \"office\"\nnames = [\"Office PBX\", \"Офис\"]\n";
    page += "domain = \"pbx.example.org\"\ntransport = \"tls\"\nsource = \"our administrator\"\n```\n";
    page.trim_end().to_owned()
}
