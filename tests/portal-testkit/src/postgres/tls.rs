//! Certificates for a server: its own, the authority that signed it, and another authority.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::postgres::failure::{Failure, could_not};
use crate::postgres::user::User;

/// The TLS setting of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    Off,
    On,
}

/// The authority that signed the server's certificate.
pub(crate) const CA: &str = "ca.pem";

/// The authority that did not sign it.
pub(crate) const OTHER_CA: &str = "other-ca.pem";

/// The settings of the server, with paths relative to `data`.
pub(crate) const SETTINGS: [(&str, &str); 3] =
    [("ssl", "on"), ("ssl_cert_file", "../tls/server.pem"), ("ssl_key_file", "../tls/server.key")];

/// A complete configuration of `openssl`, because the system's would add different extensions.
const CONFIGURATION: &str = "\
[req]
prompt = no
distinguished_name = name
[name]
CN = localhost
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
";

/// Returns the folder of a cluster's certificates.
pub(crate) fn folder(cluster: &Path) -> PathBuf {
    cluster.join("tls")
}

/// Makes all keys and certificates with the `openssl` program.
pub(crate) fn make(cluster: &Path, user: &User) -> Result<(), Failure> {
    let folder = folder(cluster);
    fs::create_dir(&folder).map_err(could_not("make a folder for certificates"))?;
    fs::write(folder.join("openssl.cnf"), CONFIGURATION)
        .map_err(could_not("write a configuration for openssl"))?;
    let openssl = |words: &str| openssl(&folder, words);
    for name in ["ca", "other-ca", "server"] {
        openssl(&format!("ecparam -name prime256v1 -genkey -noout -out {name}.key"))?;
    }
    for name in ["ca", "other-ca"] {
        openssl(&format!(
            "req -config openssl.cnf -x509 -new -key {name}.key -sha256 -days 30 \
             -subj /CN=portal-test-{name} -extensions authority -out {name}.pem"
        ))?;
    }
    openssl("req -config openssl.cnf -new -key server.key -out server.csr")?;
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 2 -sha256 -days 30 \
         -extfile openssl.cnf -extensions server -out server.pem",
    )?;
    // The server requires that no other user can read its key.
    for file in ["server.key", "server.pem", "."] {
        user.owns(&folder.join(file))?;
    }
    let nobody_else = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(folder.join("server.key"), nobody_else)
        .map_err(could_not("protect the server's key"))
}

fn openssl(folder: &Path, words: &str) -> Result<(), Failure> {
    let output = Command::new("openssl")
        .args(words.split_whitespace())
        .current_dir(folder)
        .output()
        .map_err(could_not("run `openssl`, which makes the certificates; install it"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::Program { program: format!("openssl {words}"), said })
}
