//! Test suites: what they print is passed on and read, and a test that fails has one more try.
//!
//! Stories run with real phones, PBXes and browsers in real time. On a machine that is busy with something else one of them
//! may miss its moment; that is worth knowing and no reason to run everything again. So a failed test is run once more, alone.
//! If it passes then, the run passes and ends with the names of what was unsteady. A test that is broken fails twice.

use crate::process::say;
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead as _, BufReader, Write};
use std::process::{Command, Stdio};

/// How many failed tests may have a second try; with more of them something is broken.
const SECOND_TRIES: usize = 5;

/// Cargo's word for all packages.
const WORKSPACE: &str = "--workspace";

/// Runs a suite to its end. `cargo` makes a `cargo` command of arguments, with the environment that the tests need.
///
/// # Errors
///
/// It can't be built or started, or a test fails twice.
pub(crate) fn run(what: &str, arguments: &[&str], cargo: impl Fn(&[&str]) -> Command) -> Result<()> {
    run_to(&mut std::io::stdout().lock(), what, arguments, cargo)
}

fn run_to(
    out: &mut impl Write,
    what: &str,
    arguments: &[&str],
    cargo: impl Fn(&[&str]) -> Command,
) -> Result<()> {
    say(what);
    let mut report = Report::default();
    if passes(&mut cargo(arguments), &mut report, out)? {
        return Ok(());
    }
    let failed = report.failed();
    if !report.is_whole || failed.is_empty() || failed.len() > SECOND_TRIES {
        bail!("{what}: failed\n  {}", failed.join("\n  "));
    }
    say(&format!("{what}: once more, alone: {}", failed.join(", ")));
    for target in &report.targets {
        let again = target.again(arguments.contains(&WORKSPACE));
        if !passes(&mut cargo(&again), &mut Report::default(), out)? {
            bail!("{what}: failed twice, in {}: {}", target.place, target.tests.join(", "));
        }
    }
    say(&format!(
        "{what}: passed, but these tests were unsteady, please look into them: {}",
        failed.join(", ")
    ));
    Ok(())
}

/// Runs tests, passes on what they print, and reads it.
fn passes(command: &mut Command, report: &mut Report, out: &mut impl Write) -> Result<bool> {
    let (reader, writer) = std::io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("start: {command:?}"))?;
    // The command holds the pipe's writing end, and the pipe ends when nobody holds it.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        out.write_all(&line)?;
        out.write_all(b"\n")?;
        report.read(&String::from_utf8_lossy(&line));
    }
    Ok(child.wait()?.success())
}

/// What failed, as the tests and cargo say it.
struct Report {
    targets: Vec<Target>,
    /// Names of the list that is being read.
    names: Vec<String>,
    in_list: bool,
    /// Whether every failure is one of a test with a name: no crash, no example of the documentation.
    is_whole: bool,
}

/// A test binary with failures.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    /// Cargo's arguments for it: `-p bot-gateway --test shell`.
    place: String,
    tests: Vec<String>,
}

impl Target {
    /// Cargo's arguments to run the failed tests again. What was built for all packages is named by all packages: for one
    /// alone, other features of its libraries would count, and much would be built anew.
    fn again(&self, workspace: bool) -> Vec<&str> {
        let mut arguments = vec!["test", "--locked"];
        let mut place = self.place.split_whitespace().peekable();
        if workspace {
            arguments.push(WORKSPACE);
            if place.next_if_eq(&"-p").is_some() {
                place.next();
            }
        }
        arguments.extend(place);
        arguments.extend(["--", "--exact", "--test-threads=1"]);
        arguments.extend(self.tests.iter().map(String::as_str));
        arguments
    }
}

impl Default for Report {
    fn default() -> Self {
        Self { targets: Vec::new(), names: Vec::new(), in_list: false, is_whole: true }
    }
}

impl Report {
    fn read(&mut self, line: &str) {
        const FAILED: &str = "error: test failed, to rerun pass `";
        if line == "failures:" {
            // There are two such lines: what the tests printed, then their names.
            (self.in_list, self.names) = (true, Vec::new());
        } else if line.starts_with("test result:") {
            self.in_list = false;
        } else if let Some(place) = line.strip_prefix(FAILED) {
            let tests = std::mem::take(&mut self.names);
            self.is_whole &= !tests.is_empty();
            self.targets.push(Target { place: place.trim_end_matches('`').to_owned(), tests });
        } else if line.starts_with("error: doctest failed") {
            self.is_whole = false;
        } else if let (true, Some(name)) = (self.in_list, line.strip_prefix("    ")) {
            self.names.push(name.to_owned());
        }
    }

    /// The names of all tests that failed.
    fn failed(&self) -> Vec<&str> {
        self.targets.iter().flat_map(|target| &target.tests).map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Report {
        let mut report = Report::default();
        text.lines().for_each(|line| report.read(line));
        report
    }

    #[test]
    fn the_names_of_failed_tests_are_read_with_their_place() {
        let report = read(
            "running 2 tests\ntest a::b ... FAILED\n\nfailures:\n\n---- a::b stdout ----\n    at ./x.rs\n\n\
             failures:\n    a::b\n    c\n\ntest result: FAILED. 0 passed\n\n\
             error: test failed, to rerun pass `-p one --test shell`\nrunning 1 test\ntest d ... ok\n\n\
             test result: ok. 1 passed\n",
        );
        let tests = vec!["a::b".to_owned(), "c".to_owned()];
        assert_eq!(report.targets, [Target { place: "-p one --test shell".into(), tests }]);
        assert!(report.is_whole);
    }

    #[test]
    fn what_was_built_for_all_packages_is_not_built_again_for_one() {
        let target = Target { place: "-p one --test shell".into(), tests: vec!["a::b".into()] };
        let alone =
            ["test", "--locked", "-p", "one", "--test", "shell", "--", "--exact", "--test-threads=1", "a::b"];
        assert_eq!(target.again(false), alone);
        let all = [
            "test",
            "--locked",
            "--workspace",
            "--test",
            "shell",
            "--",
            "--exact",
            "--test-threads=1",
            "a::b",
        ];
        assert_eq!(target.again(true), all);
    }

    #[test]
    fn a_crash_has_no_second_try() {
        let report = read(
            "running 2 tests\nerror: test failed, to rerun pass `-p one --lib`\n\nCaused by:\n  process didn't exit successfully",
        );
        assert!(!report.is_whole);
    }

    #[test]
    fn an_example_of_the_documentation_has_no_second_try() {
        let report = read(
            "failures:\n    src/lib.rs - (line 3)\n\ntest result: FAILED.\n\nerror: doctest failed, to rerun pass `-p one --doc`\n",
        );
        assert!(!report.is_whole);
        assert_eq!(report.failed(), Vec::<&str>::new());
    }

    #[cfg(unix)]
    mod with_programs {
        use super::*;

        /// A program that stands in for cargo: it fails when it is asked for the first time.
        fn failing(times: u32, folder: &std::path::Path) -> impl Fn(&[&str]) -> Command {
            let tries = folder.join("tries");
            move |arguments| {
                let mut command = Command::new("sh");
                let script = format!(
                    "echo x >> {tries}; [ $(wc -l < {tries}) -gt {times} ] && exit 0; \
                     printf 'failures:\\n    a::b\\n\\ntest result: FAILED.\\n'; \
                     echo 'error: test failed, to rerun pass `-p one`' >&2; exit 101",
                    tries = tries.display()
                );
                command.args(["-c", &script, "cargo"]).args(arguments);
                command
            }
        }

        #[test]
        fn what_fails_once_passes_and_what_fails_twice_fails() {
            for (times, passes) in [(0, true), (1, true), (2, false)] {
                let folder = tempfile::tempdir().unwrap();
                let result = run_to(&mut std::io::sink(), "all", &["test"], failing(times, folder.path()));
                assert_eq!(result.is_ok(), passes, "{times}");
            }
        }
    }
}
