//! What several of these tests share: other people's programs, speech, and numbers that look random.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Runs a program with this input and gives its output.
pub(crate) fn pipe(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} has to be installed: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that has enough closes its end.
            let _ = stdin.write_all(input);
        });
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?} failed");
        output.stdout
    })
}

/// Runs a program and gives what it said, on both streams.
pub(crate) fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program} has to be installed: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{program} {arguments:?} failed: {said}");
    said
}

/// sox from one raw format to another.
pub(crate) fn sox(from: &[&str], input: &[u8], to: &[&str]) -> Vec<u8> {
    let mut arguments = vec!["-D"];
    arguments.extend(from);
    arguments.push("-");
    arguments.extend(to);
    arguments.push("-");
    pipe("sox", &arguments, input)
}

/// Raw samples as bytes.
pub(crate) fn bytes(pcm: &[i16]) -> Vec<u8> {
    pcm.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

/// Bytes as raw samples.
pub(crate) fn samples(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// A voice reads these words, at this rate.
pub(crate) fn speech(words: &str, rate: u32) -> Vec<i16> {
    let wav = pipe("espeak-ng", &["--stdout", words], &[]);
    samples(&sox(
        &["-t", "wav"],
        &wav,
        &["-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", &rate.to_string()],
    ))
}

/// Half a minute of a voice.
pub(crate) fn long_speech(rate: u32) -> Vec<i16> {
    speech(
        "The quick brown fox jumps over the lazy dog. Seven wizards quietly examined the jade box, and nobody answered. \
         Please hold the line, your call is important to all of us. One, two, three, four, five, six, seven, eight, nine, ten. \
         A rainbow is a division of white light into many beautiful colours. These take the shape of a long round arch, \
         with its path high above, and its two ends apparently beyond the horizon. There is, according to legend, \
         a boiling pot of gold at one end. People look, but no one ever finds it.",
        rate,
    )
}

/// Loudness of the signal above the difference, in dB.
pub(crate) fn signal_to_noise(signal: &[i16], heard: &[i16]) -> f64 {
    let energy: f64 = signal.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    let noise: f64 =
        signal.iter().zip(heard).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>().max(1e-9);
    10.0 * (energy / noise).log10()
}

/// The best signal to noise ratio over delays of up to `most` samples.
pub(crate) fn best_signal_to_noise(signal: &[i16], heard: &[i16], most: usize) -> (usize, f64) {
    (0..=most)
        .map(|delay| {
            let heard = &heard[delay.min(heard.len())..];
            let both = signal.len().min(heard.len());
            (delay, signal_to_noise(&signal[..both], &heard[..both]))
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap()
}

/// Numbers that look random and are the same in each run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1))
    }

    /// 0.0 to 1.0.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn sample(&mut self) -> i16 {
        (self.next() * 65535.0 - 32768.0) as i16
    }

    /// Mean 0, deviation 1.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// A folder of its own, removed at the end.
pub(crate) struct Folder(std::path::PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("audio-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A little program around spandsp, built when first wanted.
pub(crate) fn oracle() -> String {
    static BUILT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    BUILT
        .get_or_init(|| {
            let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/audio/support/oracle.c");
            let program = concat!(env!("CARGO_TARGET_TMPDIR"), "/spandsp-oracle");
            // Another test binary may run it at the same moment: it is put in place whole.
            let built = format!("{program}-{}", std::process::id());
            said("cc", &["-O1", "-o", &built, source, "-lspandsp", "-lm"]);
            std::fs::rename(&built, program).unwrap();
            program.to_owned()
        })
        .clone()
}
