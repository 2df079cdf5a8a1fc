//! Compiles `proto/` without a `protoc`: protox reads the files, tonic-prost-build writes the
//! server's traits, and the descriptors are kept for the client, which knows no generated type.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message;

const PROTOS: [&str; 2] = ["proto/helloworld.proto", "proto/hello.proto"];
const DETAILS: &str = "proto/google/rpc/details.proto";

fn main() -> Result<(), Box<dyn Error>> {
    for proto in PROTOS.into_iter().chain([DETAILS]) {
        println!("cargo:rerun-if-changed={proto}");
    }
    let descriptors = protox::compile(PROTOS, ["proto"])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("greeter.binpb"), descriptors.encode_to_vec())?;
    let details = protox::compile([DETAILS], ["proto"])?;
    fs::write(out.join("details.binpb"), details.encode_to_vec())?;
    // The generated clients are for the tests and the benchmarks: a peer that is not ours.
    tonic_prost_build::configure().build_transport(false).compile_fds(descriptors)?;
    Ok(())
}
