//! Addresses a request: its first line, and the headers that belong to it.

use anyhow::Context as _;
use axum::body::Body;
use axum::http::uri::{Authority, Parts, PathAndQuery, Scheme};
use axum::http::{HeaderValue, Request, Uri, header};
use hyper_util::client::proxy::matcher::Intercept;
use url::{Position, Url};

use super::{Config, Error};

/// What all requests to one upstream have in common.
#[derive(Debug)]
pub(super) struct Target {
    host: HeaderValue,
    /// The prefix of the caller's path. Empty, or without a slash at its end.
    base: String,
    /// The part that is removed from the beginning of the caller's path.
    replaced: &'static str,
    /// A proxy for plain HTTP, if one is asked: the first line then holds the absolute URL.
    proxied: Option<Proxied>,
}

#[derive(Debug)]
struct Proxied {
    scheme: Scheme,
    authority: Authority,
    credentials: Option<HeaderValue>,
}

/// Returns the scheme, host and port of a base URL, without a path.
pub(super) fn origin(url: &Url) -> anyhow::Result<Uri> {
    Uri::builder()
        .scheme(url.scheme())
        .authority(authority(url))
        .path_and_query("/")
        .build()
        .context("read upstream's URL")
}

/// Returns the value of `Host`: without credentials, and with the port only if it is not the scheme's own.
fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

impl Target {
    pub(super) fn new(
        config: &Config,
        origin: &Uri,
        proxy: Option<&Intercept>,
    ) -> anyhow::Result<Self> {
        let url = &config.url;
        let host = HeaderValue::from_str(authority(url)).context("read upstream's URL")?;
        // Requests through TLS reach upstream itself, by a tunnel.
        let proxy = proxy.filter(|_| origin.scheme() == Some(&Scheme::HTTP));
        let proxied = proxy.and_then(|proxy| {
            Some(Proxied {
                scheme: origin.scheme()?.clone(),
                authority: origin.authority()?.clone(),
                credentials: proxy.basic_auth().cloned(),
            })
        });
        Ok(Self {
            host,
            base: url.path().trim_end_matches('/').to_owned(),
            replaced: if config.stands_for_v1 { "/v1" } else { "" },
            proxied,
        })
    }

    /// Addresses a request to the caller's path and query. Only the version that the base URL replaces is changed in
    /// them.
    pub(super) fn address(&self, request: &mut Request<Body>, asked: &Uri) -> Result<(), Error> {
        let mut parts = Parts::default();
        parts.path_and_query = Some(self.path(asked)?);
        let headers = request.headers_mut();
        headers.insert(header::HOST, self.host.clone());
        if let Some(proxied) = &self.proxied {
            parts.scheme = Some(proxied.scheme.clone());
            parts.authority = Some(proxied.authority.clone());
            if let Some(credentials) = &proxied.credentials {
                headers.insert(header::PROXY_AUTHORIZATION, credentials.clone());
            }
        }
        *request.uri_mut() = Uri::from_parts(parts).map_err(|error| Error::unreachable(&error))?;
        Ok(())
    }

    fn path(&self, asked: &Uri) -> Result<PathAndQuery, Error> {
        let asked = asked.path_and_query();
        match asked {
            Some(asked) if self.base.is_empty() && self.replaced.is_empty() => Ok(asked.clone()),
            _ => {
                let asked = asked.map_or("/", PathAndQuery::as_str);
                let below = asked.strip_prefix(self.replaced);
                let asked = below
                    .filter(|below| below.starts_with('/'))
                    .unwrap_or(asked);
                PathAndQuery::try_from(format!("{}{asked}", self.base))
                    .map_err(|error| Error::unreachable(&error))
            }
        }
    }
}
