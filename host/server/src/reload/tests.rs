//! Real files in real folders, replaced in every way that files are replaced.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::install::{Install, Installed, Refused};
use super::policy_file::Mode;
use super::source::Component;
use super::{Loader, Outcome, PolicyStatus, Status, StatusHandle, Timing, watch};
use crate::tasks::Tasks;

/// Takes what begins with `whole` and ends with a full stop.
#[derive(Default)]
struct Fake(AtomicU64);

impl Install for Fake {
    fn install(&self, components: &[Component]) -> Result<Installed, Vec<Refused>> {
        let whole = |component: &&Component| {
            !(component.bytes.starts_with(b"whole") && component.bytes.ends_with(b"."))
        };
        let refused: Vec<_> = components.iter().filter(whole).map(refuse).collect();
        if !refused.is_empty() {
            return Err(refused);
        }
        let policies = components.iter().map(status).collect();
        Ok(Installed {
            generation: self.0.fetch_add(1, Ordering::Relaxed) + 1,
            policies,
        })
    }
}

fn refuse(component: &Component) -> Refused {
    let problem = "half of it is missing".to_owned();
    Refused {
        policy: component.entry.name.clone(),
        field: "component",
        problem,
    }
}

fn status(component: &Component) -> PolicyStatus {
    PolicyStatus {
        name: component.entry.name.clone(),
        mode: Mode::Enforce,
        digest: Some(component.digest.clone()),
        version: Some(String::from_utf8_lossy(&component.bytes).into_owned()),
        snapshot: None,
    }
}

const ONE_POLICY: &str = "policies: [{ name: a, component: a.wasm }]";

/// A folder with a policy file and its component, watched.
struct Host {
    folder: PathBuf,
    status: StatusHandle,
    loader: Arc<Loader>,
    tasks: Tasks,
    _root: tempfile::TempDir,
}

impl Host {
    /// Fills a folder, loads `p.yaml` from it and watches.
    fn start(timing: Timing, fill: impl FnOnce(&Path)) -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().canonicalize().unwrap();
        fill(&folder);
        let loader = Arc::new(Loader::new(&folder.join("p.yaml"), Fake::default()));
        assert_eq!(loader.load(), Outcome::Loaded(1));
        let tasks = Tasks::new();
        watch(Arc::clone(&loader), timing, &tasks);
        Self {
            folder,
            status: loader.status(),
            loader,
            tasks,
            _root: root,
        }
    }

    /// Waits for a status, but not for ever.
    async fn until(&mut self, wanted: impl FnMut(&Status) -> bool) -> Arc<Status> {
        let status = tokio::time::timeout(Duration::from_secs(20), self.status.wait_for(wanted));
        status
            .await
            .unwrap_or_else(|_| panic!("still {:?}", self.loader.status().current()))
    }

    async fn until_component(&mut self, text: &str) -> Arc<Status> {
        self.until(|status| {
            status.last_error.is_none() && status.policies[0].version.as_deref() == Some(text)
        })
        .await
    }
}

/// Timing with which only the kernel reports changes. If the watcher polled too, it would hide that the kernel does not.
fn kernel_alone() -> Timing {
    let (debounce, max_debounce) = (Duration::from_millis(20), Duration::from_millis(200));
    let never = Duration::from_secs(3600);
    Timing {
        debounce,
        max_debounce,
        poll_interval: never,
        poll_interval_alone: never,
        by_kernel: true,
    }
}

fn plain(folder: &Path) {
    fs::write(folder.join("p.yaml"), ONE_POLICY).unwrap();
    fs::write(folder.join("a.wasm"), "whole 1.").unwrap();
}

/// Lays out a folder as Kubernetes mounts a config map.
fn kubernetes(folder: &Path) {
    version_folder(folder, "..1", "whole 1.");
    symlink("..1", folder.join("..data")).unwrap();
    symlink("..data/p.yaml", folder.join("p.yaml")).unwrap();
    symlink("..data/a.wasm", folder.join("a.wasm")).unwrap();
}

fn version_folder(folder: &Path, name: &str, component: &str) {
    let folder = folder.join(name);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("p.yaml"), ONE_POLICY).unwrap();
    fs::write(folder.join("a.wasm"), component).unwrap();
}

fn rename_over(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join("new"), text).unwrap();
    fs::rename(folder.join("new"), folder.join(name)).unwrap();
}

#[tokio::test]
async fn a_component_written_in_place_is_loaded() {
    let mut host = Host::start(kernel_alone(), plain);
    fs::write(host.folder.join("a.wasm"), "whole 2.").unwrap();
    host.until_component("whole 2.").await;
    fs::write(host.folder.join("a.wasm"), "whole 3.").unwrap();
    host.until_component("whole 3.").await;
}

#[tokio::test]
async fn a_component_renamed_over_is_loaded() {
    let mut host = Host::start(kernel_alone(), plain);
    for text in ["whole 2.", "whole 3."] {
        rename_over(&host.folder, "a.wasm", text);
        host.until_component(text).await;
    }
}

#[tokio::test]
async fn a_link_switched_as_kubernetes_does_is_followed() {
    let mut host = Host::start(kernel_alone(), kubernetes);
    for (name, text) in [("..2", "whole 2."), ("..3", "whole 3.")] {
        version_folder(&host.folder, name, text);
        symlink(name, host.folder.join("..data_tmp")).unwrap();
        let before = fs::read_link(host.folder.join("..data")).unwrap();
        fs::rename(host.folder.join("..data_tmp"), host.folder.join("..data")).unwrap();
        fs::remove_dir_all(host.folder.join(before)).unwrap();
        host.until_component(text).await;
    }
}

#[tokio::test]
async fn a_change_behind_a_link_is_seen() {
    let mut host = Host::start(kernel_alone(), |folder| {
        version_folder(folder, "elsewhere", "whole 1.");
        symlink(folder.join("elsewhere/p.yaml"), folder.join("p.yaml")).unwrap();
        symlink(folder.join("elsewhere/a.wasm"), folder.join("a.wasm")).unwrap();
    });
    fs::write(host.folder.join("elsewhere/a.wasm"), "whole 2.").unwrap();
    host.until_component("whole 2.").await;
}

#[tokio::test]
async fn a_half_written_component_is_no_lasting_error() {
    let mut host = Host::start(kernel_alone(), plain);
    fs::write(host.folder.join("a.wasm"), "whole").unwrap();
    let status = host.until(|status| status.last_error.is_some()).await;
    assert_eq!(status.generation, 1);
    assert_eq!(
        status.policies[0].version.as_deref(),
        Some("whole 1."),
        "the old one stays"
    );
    let text = &status.last_error.as_ref().unwrap().text;
    assert!(
        text.ends_with("p.yaml:1:34: policies[0].component: half of it is missing"),
        "{text}"
    );
    fs::write(host.folder.join("a.wasm"), "whole 2.").unwrap();
    assert_eq!(host.until_component("whole 2.").await.generation, 2);
}

#[tokio::test]
async fn a_folder_that_goes_and_comes_back_is_watched_again() {
    let mut host = Host::start(kernel_alone(), |folder| {
        version_folder(folder, "policies", "whole 1.");
        fs::write(
            folder.join("p.yaml"),
            "policies: [{ name: a, component: policies/a.wasm }]",
        )
        .unwrap();
    });
    let policies = host.folder.join("policies");
    for text in ["whole 2.", "whole 3."] {
        fs::remove_dir_all(&policies).unwrap();
        host.until(|status| status.last_error.is_some()).await;
        version_folder(&host.folder, "policies", text);
        host.until_component(text).await;
    }
    fs::rename(&policies, host.folder.join("aside")).unwrap();
    host.until(|status| status.last_error.is_some()).await;
    fs::rename(host.folder.join("aside"), &policies).unwrap();
    host.until_component("whole 3.").await;
}

#[tokio::test]
async fn an_edited_policy_file_brings_new_components_under_watch() {
    let mut host = Host::start(kernel_alone(), plain);
    fs::create_dir(host.folder.join("more")).unwrap();
    fs::write(host.folder.join("more/b.wasm"), "whole b.").unwrap();
    let two = "policies: [{ name: a, component: a.wasm, mode: off }, { name: b, component: more/b.wasm }]";
    rename_over(&host.folder, "p.yaml", two);
    let status = host.until(|status| status.policies.len() == 2).await;
    assert_eq!(
        (status.policies[0].mode, &status.policies[0].digest),
        (Mode::Off, &None)
    );
    assert_eq!(status.policies[1].version.as_deref(), Some("whole b."));
    fs::write(host.folder.join("more/b.wasm"), "whole bb.").unwrap();
    host.until(|status| status.policies[1].version.as_deref() == Some("whole bb."))
        .await;
}

#[tokio::test]
async fn a_bad_policy_file_changes_nothing_and_says_why() {
    let mut host = Host::start(kernel_alone(), plain);
    fs::write(
        host.folder.join("p.yaml"),
        "policies: [{ name: A, componnt: a.wasm }]",
    )
    .unwrap();
    let status = host.until(|status| status.last_error.is_some()).await;
    assert_eq!((status.generation, status.policies.len()), (1, 1));
    assert_eq!(status.last_error.as_ref().unwrap().text.lines().count(), 2);
    fs::write(
        host.folder.join("p.yaml"),
        format!("# mended\n{ONE_POLICY}"),
    )
    .unwrap();
    host.until(|status| status.generation == 2 && status.last_error.is_none())
        .await;
}

/// The one policy and what is passed beside it.
fn passing(paths: &str) -> String {
    format!("{ONE_POLICY}\npassthrough: {paths}")
}

#[tokio::test]
async fn what_is_passed_changes_with_the_file_even_if_no_policy_does() {
    let mut host = Host::start(kernel_alone(), plain);
    let passthrough = host.loader.passthrough();
    assert!(!passthrough.allows("/v1/files"));
    rename_over(&host.folder, "p.yaml", &passing("[/v1/files]"));
    let status = host.until(|status| status.generation == 2).await;
    assert!(passthrough.allows("/v1/files"));
    assert_eq!(status.passthrough, passthrough.current());
    let patterns = status.passthrough.patterns().iter();
    let shown: Vec<_> = patterns.map(ToString::to_string).collect();
    assert_eq!(shown, ["/v1/files"]);
    rename_over(&host.folder, "p.yaml", ONE_POLICY);
    host.until(|status| status.generation == 3).await;
    assert!(!passthrough.allows("/v1/files"));
}

#[tokio::test]
async fn a_refused_file_changes_nothing_of_what_is_passed() {
    let mut host = Host::start(kernel_alone(), plain);
    let passthrough = host.loader.passthrough();
    rename_over(&host.folder, "p.yaml", &passing("[/v1/files]"));
    host.until(|status| status.generation == 2).await;
    // A fault of what is passed, then one of the policies alone.
    rename_over(
        &host.folder,
        "p.yaml",
        &passing("[/v1/batches, /v1/messages]"),
    );
    host.until(|status| status.last_error.is_some()).await;
    fs::write(host.folder.join("b.wasm"), "whole").unwrap();
    let half = passing("[/v1/batches]").replace("a.wasm", "b.wasm");
    rename_over(&host.folder, "p.yaml", &half);
    let status = host
        .until(|status| {
            let error = status.last_error.as_ref();
            error.is_some_and(|error| error.text.ends_with("half of it is missing"))
        })
        .await;
    assert_eq!(status.generation, 2);
    assert_eq!(status.passthrough, passthrough.current());
    assert!(passthrough.allows("/v1/files") && !passthrough.allows("/v1/batches"));
}

#[tokio::test]
async fn what_does_not_change_the_content_loads_nothing() {
    let mut host = Host::start(kernel_alone(), plain);
    fs::write(host.folder.join("unrelated"), "").unwrap();
    rename_over(&host.folder, "a.wasm", "whole 1.");
    rename_over(&host.folder, "p.yaml", ONE_POLICY);
    // Had one of them been loaded, the generation would be another.
    assert_eq!(host.loader.load_if_changed(), Outcome::Unchanged);
    rename_over(&host.folder, "a.wasm", "whole 2.");
    assert_eq!(host.until_component("whole 2.").await.generation, 2);
}

#[tokio::test]
async fn a_folder_that_never_rests_is_read_all_the_same() {
    let mut host = Host::start(kernel_alone(), plain);
    let (folder, noise) = (host.folder.clone(), Tasks::new());
    let stopping = noise.stopping().clone();
    let noisy = noise.spawn_blocking(move || {
        while !stopping.is_cancelled() {
            fs::write(folder.join("noise"), "").unwrap();
        }
    });
    fs::write(host.folder.join("a.wasm"), "whole 2.").unwrap();
    host.until_component("whole 2.").await;
    noise.stopping().cancel();
    noisy.await.unwrap();
}

#[tokio::test]
async fn without_the_kernel_changes_are_found_by_polling() {
    let mut host = Host::start(
        Timing {
            poll_interval_alone: Duration::from_millis(10),
            by_kernel: false,
            ..kernel_alone()
        },
        kubernetes,
    );
    version_folder(&host.folder, "..2", "whole 2.");
    symlink("..2", host.folder.join("..data_tmp")).unwrap();
    fs::rename(host.folder.join("..data_tmp"), host.folder.join("..data")).unwrap();
    host.until_component("whole 2.").await;
}

#[tokio::test]
async fn watching_ends_with_the_process() {
    let host = Host::start(kernel_alone(), plain);
    assert!(host.tasks.shutdown(Duration::from_secs(20)).await);
}

#[test]
fn a_digest_that_does_not_fit_is_shown_beside_the_expected_one() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("p.yaml");
    fs::write(root.path().join("a.wasm"), "whole.").unwrap();
    let policies =
        |digest: &str| format!("policies: [{{ name: a, component: a.wasm, sha256: {digest} }}]");
    fs::write(&file, policies(&"0f".repeat(32))).unwrap();
    let loader = Loader::new(&file, Fake::default());
    let Outcome::Refused(faults) = loader.load() else {
        panic!("it was loaded")
    };
    let problem = &faults.faults[0].problem;
    assert!(
        problem.starts_with(&format!("expected {}, but `", "0f".repeat(32))),
        "{problem}"
    );
    let digest = problem.rsplit(' ').next().unwrap();
    fs::write(&file, policies(digest)).unwrap();
    assert_eq!(loader.load(), Outcome::Loaded(1));
}

#[test]
fn what_can_not_be_read_is_said_for_every_policy() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("p.yaml");
    let loader = Loader::new(&file, Fake::default());
    let Outcome::Refused(faults) = loader.load() else {
        panic!("it was loaded")
    };
    assert!(
        faults
            .to_string()
            .contains("the policy file can't be read: No such file"),
        "{faults}"
    );
    fs::create_dir(root.path().join("folder.wasm")).unwrap();
    let two = "policies: [{ name: a, component: gone.wasm }, { name: b, component: folder.wasm, mode: of }]";
    fs::write(&file, two).unwrap();
    let Outcome::Refused(faults) = loader.load() else {
        panic!("it was loaded")
    };
    let fields: Vec<_> = faults.faults.iter().map(|fault| &*fault.field).collect();
    assert_eq!(
        fields,
        [
            "policies[0].component",
            "policies[1].component",
            "policies[1].mode"
        ]
    );
}
