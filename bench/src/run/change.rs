//! Measures how long Sluice takes to start and to apply a changed policy, and what its callers
//! notice.

use std::fs;
use std::io::{self, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::flags::Flags;
use crate::load::{Address, open};
use crate::results::Changes;
use crate::say;
use crate::target::{self, Site, Target};
use crate::traffic::{Dialect, Script, Size};

/// The name of this probe.
pub(super) const NAME: &str = "change";
const POLICIES: usize = 10;
/// How often each thing is timed. The median counts.
const TIMES: usize = 5;
/// Requests per second, the length of a window for the 99th percentile, and the number of windows
/// without a change.
const RATE: u32 = 100;
const WINDOW: Duration = Duration::from_secs(1);
const QUIET: u32 = 10;
/// Longer than any start or change takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// The name of the process and its folder.
const TEN: &str = "ten";
const LISTENS: &str = "listening on";
const RELOADED: &str = "reloaded the policies";
const REFUSED: &str = "can't be loaded";
/// A text in the component. Replacing it is what an author does who words a message anew.
const WORDS: &[u8] = b"names no folder";

/// The folder of ten policies, and what they are made of.
struct Ten<'a> {
    flags: &'a Flags,
    site: &'a Site,
    folder: PathBuf,
}

/// Starts with an empty cache and with a full one, then changes one policy again and again under load.
pub(super) async fn run(flags: &Flags, site: &Site) -> anyhow::Result<Changes> {
    say::progress("change: ten policies, started, and one of them changed");
    let folder = site.folder.join(TEN);
    let ten = Ten {
        flags,
        site,
        folder,
    };
    ten.write()?;
    let cold = vec![ten.start().await?.1];
    let mut cached = Vec::new();
    for _ in 1..TIMES {
        cached.push(ten.start().await?.1);
    }
    let (sluice, took) = ten.start().await?;
    cached.push(took);
    let address = sluice.address(Dialect::Chat, Size::Question, Script::Whole);
    let address = address.context("it does not speak Chat Completions")?;
    let pause = tokio::time::sleep(WINDOW * QUIET + WINDOW / 2);
    let (quiet, ()) = p99s(&address, pause).await;
    let (meanwhile, edited) = p99s(&address, ten.edit()).await;
    let [config, component] = edited?;
    Ok(Changes {
        cold,
        cached,
        config,
        component,
        quiet,
        meanwhile,
    })
}

/// Asks short questions at a fixed rate while `meanwhile` runs. Returns the 99th percentile of each
/// window.
async fn p99s<T>(address: &Address, meanwhile: impl Future<Output = T>) -> (Vec<f64>, T) {
    let mut meanwhile = std::pin::pin!(meanwhile);
    let mut all = Vec::new();
    loop {
        tokio::select! {
            outcome = &mut meanwhile => return (all, outcome),
            measured = open(address, RATE, WINDOW) => all.extend(measured.latency.quantile(0.99)),
        }
    }
}

impl Ten<'_> {
    /// Writes the policy file and the component that will change.
    fn write(&self) -> anyhow::Result<()> {
        fs::create_dir_all(&self.folder).context("make a folder for ten policies")?;
        fs::copy(self.commands(), self.changing()).context("copy a component")?;
        self.configure(0)
    }

    /// Starts Sluice. Returns it, and the seconds until it reported that it listens.
    async fn start(&self) -> anyhow::Result<(Target, f64)> {
        let begun = Instant::now();
        // This folder is not in the watched folder.
        let cache = self.site.folder.join("ten-cache");
        let program = &self.flags.sluice;
        let sluice = target::serve(self.site, program, Some(&self.file()), &cache, TEN, None)?;
        self.said(LISTENS, 0).await?;
        let took = begun.elapsed().as_secs_f64();
        Ok((sluice.ready().await?, took))
    }

    /// Changes the config of one policy, then its component, and so on.
    async fn edit(&self) -> anyhow::Result<[Vec<f64>; 2]> {
        let (mut config, mut component) = (Vec::new(), Vec::new());
        for nth in 0..TIMES {
            config.push(self.change(2 * nth + 1, Self::configure).await?);
            component.push(self.change(2 * nth + 2, Self::reword).await?);
        }
        Ok([config, component])
    }

    /// Returns the seconds that one change took. Changes are counted from one.
    async fn change(
        &self,
        nth: usize,
        change: fn(&Self, usize) -> anyhow::Result<()>,
    ) -> anyhow::Result<f64> {
        let heard = fs::metadata(self.log()).context("look at the log")?.len();
        let begun = Instant::now();
        change(self, nth)?;
        self.said(RELOADED, heard).await?;
        Ok(begun.elapsed().as_secs_f64())
    }

    /// Half of the policies judge tool calls, and half do nothing. Each has a different config, if
    /// it takes one.
    fn configure(&self, nth: usize) -> anyhow::Result<()> {
        let no_op = self.flags.policies.join(target::NO_OP);
        let policies = (0..POLICIES).map(|n| match n {
            0 => (self.changing(), Some(POLICIES + nth)),
            n if n % 2 == 0 => (self.commands(), Some(n)),
            _ => (no_op.clone(), None),
        });
        target::write(&self.file(), &target::policy_file(policies))
    }

    /// Gives the component a text that it has never had.
    fn reword(&self, nth: usize) -> anyhow::Result<()> {
        let mut component = fs::read(self.commands()).context("read a component")?;
        let at =
            memchr::memmem::find(&component, WORDS).context("the component has no such text")?;
        let digit = b'0' + (nth % 10) as u8;
        component[at + WORDS.len() - 1] = digit;
        fs::write(self.changing(), component).context("write a component")
    }

    fn file(&self) -> PathBuf {
        self.folder.join("policies.yaml")
    }

    fn commands(&self) -> PathBuf {
        self.flags.policies.join(target::COMMANDS)
    }

    fn changing(&self) -> PathBuf {
        self.folder.join("changing.wasm")
    }

    fn log(&self) -> PathBuf {
        self.site.log(TEN)
    }

    /// Waits until these words appear in its log after this many bytes.
    async fn said(&self, words: &str, heard: u64) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let news = self.log_from(heard).context("read the log")?;
            ensure!(!news.contains(REFUSED), "a change was refused: {news}");
            if news.contains(words) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("it did not say {words}")
    }

    fn log_from(&self, start: u64) -> io::Result<String> {
        let mut log = fs::File::open(self.log())?;
        log.seek(SeekFrom::Start(start))?;
        io::read_to_string(log)
    }
}
