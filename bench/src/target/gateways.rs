//! Starts the gateways that Sluice is compared with, each set up for speed as its own documentation
//! says.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use http::{HeaderName, HeaderValue};
use http_body_util::BodyExt as _;

use super::{DIRECT, Site, Target, announced, free_port, loopback, this_program};
use crate::load::{Address, Connection};
use crate::process::Process;
use crate::traffic::Dialect;

/// Starts the scripted upstream, which is asked directly.
pub(crate) async fn direct(folder: &Path) -> anyhow::Result<Target> {
    let log = folder.join("upstream.log");
    let process = Process::start("upstream", &mut this_program("upstream")?, &log)?;
    let target = Target {
        name: DIRECT.to_owned(),
        label: "scripted upstream alone".to_owned(),
        socket: announced(&log)?,
        headers: Vec::new(),
        dialects: &Dialect::ALL,
        process,
    };
    target.ready().await
}

/// Starts hyper alone.
pub(crate) async fn floor(site: &Site) -> anyhow::Result<Target> {
    let log = site.log("floor");
    let mut command = this_program("floor")?;
    command.arg(site.upstream.to_string());
    let process = Process::start("floor", &mut command, &log)?;
    let target = Target {
        name: "floor".to_owned(),
        label: "hyper alone".to_owned(),
        socket: announced(&log)?,
        headers: Vec::new(),
        dialects: &Dialect::ALL,
        process,
    };
    target.ready().await
}

/// Starts nginx with `proxy_pass`.
pub(crate) async fn nginx(site: &Site, program: &Path) -> anyhow::Result<Target> {
    let gateway = Gateway::new(site, "nginx", "nginx, proxy_pass", &Dialect::ALL)?;
    let config = gateway.fill(
        "nginx.conf",
        include_str!("../../peers/nginx/nginx.conf.template"),
    )?;
    let mut command = Command::new(program);
    command.arg("-p").arg(&gateway.folder).arg("-c").arg(config);
    command.args(["-e", "stderr"]);
    gateway.start(command).await
}

/// Starts `LiteLLM`'s proxy, from the Python environment in `venv`.
pub(crate) async fn litellm(site: &Site, venv: &Path) -> anyhow::Result<Target> {
    let gateway = Gateway::new(site, "litellm", "LiteLLM", &[Dialect::Chat])?;
    let config = gateway.fill(
        "config.yaml",
        include_str!("../../peers/litellm/config.yaml.template"),
    )?;
    let mut command = Command::new(venv.join("bin/litellm"));
    command.arg("--config").arg(config);
    command.args(["--host", "127.0.0.1", "--port", &gateway.port.to_string()]);
    command.args(["--num_workers", "2", "--run_granian"]);
    command
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        .env("LITELLM_LOG", "ERROR")
        .env(
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY",
            "true",
        );
    gateway.start(command).await
}

/// Starts Portkey's gateway, from the `node_modules` in `modules`.
pub(crate) async fn portkey(site: &Site, modules: &Path) -> anyhow::Result<Target> {
    let mut gateway = Gateway::new(site, "portkey", "Portkey", &[Dialect::Chat])?;
    let upstream = format!("http://{}/v1", site.upstream);
    gateway.headers = vec![
        ("x-portkey-provider", "openai".to_owned()),
        ("x-portkey-custom-host", upstream),
    ];
    let mut command = Command::new("node");
    command.env("NODE_ENV", "production");
    command.arg(modules.join("node_modules/@portkey-ai/gateway/build/start-server.js"));
    command.args(["--headless", &format!("--port={}", gateway.port)]);
    gateway.start(command).await
}

/// A gateway that is about to be started.
struct Gateway {
    name: &'static str,
    label: &'static str,
    dialects: &'static [Dialect],
    /// Further headers that a caller has to send.
    headers: Vec<(&'static str, String)>,
    port: u16,
    upstream_port: u16,
    folder: PathBuf,
}

impl Gateway {
    fn new(
        site: &Site,
        name: &'static str,
        label: &'static str,
        dialects: &'static [Dialect],
    ) -> anyhow::Result<Self> {
        let folder = site.folder.join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
        let (port, upstream_port) = (free_port()?, site.upstream.port());
        Ok(Self {
            name,
            label,
            dialects,
            headers: Vec::new(),
            port,
            upstream_port,
            folder,
        })
    }

    /// Fills in a template and writes the result to the gateway's folder.
    fn fill(&self, name: &str, template: &str) -> anyhow::Result<PathBuf> {
        let path = self.folder.join(name);
        let filled = template
            .replace("{listen_port}", &self.port.to_string())
            .replace("{upstream_port}", &self.upstream_port.to_string())
            .replace("{folder}", &self.folder.display().to_string());
        std::fs::write(&path, filled).with_context(|| format!("write {}", path.display()))?;
        Ok(path)
    }

    async fn start(self, mut command: Command) -> anyhow::Result<Target> {
        let headers = self.headers.iter().map(|(name, value)| {
            let value = HeaderValue::from_str(value).context("a header")?;
            Ok((HeaderName::from_static(name), value))
        });
        let target = Target {
            name: self.name.to_owned(),
            label: self.label.to_owned(),
            socket: loopback(self.port),
            headers: headers.collect::<anyhow::Result<_>>()?,
            dialects: self.dialects,
            process: Process::start(
                self.name,
                command.current_dir(&self.folder),
                &self.folder.join("log"),
            )?,
        };
        target.ready().await
    }
}

/// Starts smg, from the Python environment in `venv`, with its no-op component if there is one.
pub(crate) async fn smg(
    site: &Site,
    venv: &Path,
    component: Option<&Path>,
) -> anyhow::Result<Target> {
    let (name, label) = match component {
        None => ("smg", "smg"),
        Some(_) => ("smg-noop", "smg, no-op on request and whole reply"),
    };
    let gateway = Gateway::new(site, name, label, &[Dialect::Chat])?;
    let mut command = Command::new(venv.join("bin/smg"));
    command
        .args(["launch", "--host", "127.0.0.1"])
        .args(["--port", &gateway.port.to_string()])
        .args(["--worker-urls", &format!("http://{}", site.upstream)])
        .args([
            "--policy",
            "passthrough",
            "--disable-retries",
            "--disable-circuit-breaker",
        ])
        .args(["--disable-health-check", "--disable-load-monitoring"])
        .args(["--disable-tokenizer-autoload", "--history-backend", "none"])
        .args([
            "--max-concurrent-requests",
            "0",
            "--upstream-pool-idle-timeout-secs",
            "0",
        ])
        .args(["--log-level", "error", "--prometheus-host", "127.0.0.1"])
        .args(["--prometheus-port", &free_port()?.to_string()]);
    if component.is_some() {
        command.arg("--enable-wasm");
    }
    // smg loads no component from some folders, such as a home.
    let copy = gateway.folder.join("no-op.wasm");
    let target = gateway.start(command).await?;
    if let Some(component) = component {
        std::fs::copy(component, &copy).context("copy smg's component")?;
        add_to_smg(&target, &copy).await?;
    }
    Ok(target)
}

/// Makes a running smg call the component on requests and replies.
async fn add_to_smg(target: &Target, component: &Path) -> anyhow::Result<()> {
    let module = serde_json::json!({"modules": [{
        "name": "no-op", "file_path": component, "module_type": "Middleware",
        "attach_points": [{"Middleware": "OnRequest"}, {"Middleware": "OnResponse"}],
    }]});
    let address = Address {
        socket: target.socket,
        path: "/wasm",
        headers: Vec::new(),
        body: module.to_string().into(),
        expected: b"Success",
    };
    let response = Connection::open(target.socket).await?.ask(&address).await?;
    let body = response
        .into_body()
        .collect()
        .await
        .context("smg's answer")?
        .to_bytes();
    let taken = memchr::memmem::find(&body, address.expected).is_some();
    ensure!(
        taken,
        "smg takes no component: {}",
        String::from_utf8_lossy(&body)
    );
    Ok(())
}
