//! What people want to know of a certificate: whose it is, who says so, and how long it holds
//! (RFC 5280, section 4.1). Whether it is to be trusted is rustls' to say; only of a certificate that the user named,
//! nothing but [`Certificate::validity`] is asked.

use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag, models::ObjectIdentifier, tags};

use super::Moment;

/// Names of a certificate that are shown.
const MAX_NAMES: usize = 20;
/// The most of one name, in characters.
const MAX_NAME: usize = 100;
/// RFC 5280, appendix A: `id-at-commonName`, `id-at-organizationName`, `id-ce-subjectAltName`.
const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
const ORGANISATION: &[u64] = &[2, 5, 4, 10];
const ALT_NAMES: &[u64] = &[2, 5, 29, 17];

/// A certificate, as it is shown. All text in it is foreign: sanitise it before showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is: the common name, else the organisation; empty where it has neither.
    pub subject: String,
    /// Who signed it, in the same way.
    pub issuer: String,
    /// Whether subject and issuer are the same.
    pub is_self_issued: bool,
    /// The names and addresses that it is for, at most 20.
    pub names: Vec<String>,
    /// From when it holds.
    pub not_before: Moment,
    /// Until when it holds.
    pub not_after: Moment,
    /// See [`fingerprint`].
    pub fingerprint: String,
}

impl Certificate {
    /// Reads a certificate. `None` for what is none that can be read.
    pub fn read(der: &[u8]) -> Option<Self> {
        let mut certificate = yasna::parse_der(der, |reader| {
            reader.read_sequence(|parts| {
                let signed = parts.next().read_sequence(to_be_signed)?;
                let (_algorithm, _signature) = (parts.next().read_der()?, parts.next().read_der()?);
                Ok(signed)
            })
        })
        .ok()?;
        certificate.fingerprint = fingerprint(der);
        Some(certificate)
    }

    /// From when and until when a certificate holds, whatever the rest of it says.
    pub fn validity(der: &[u8]) -> Option<(Moment, Moment)> {
        let times = yasna::parse_der(der, |reader| {
            reader.read_sequence(|parts| {
                let times = parts.next().read_sequence(|fields| {
                    let (_issuer, times) = up_to_validity(fields)?;
                    while fields.read_optional(skipped)?.is_some() {}
                    Ok(times)
                })?;
                let (_algorithm, _signature) = (parts.next().read_der()?, parts.next().read_der()?);
                Ok(times)
            })
        });
        times.ok()
    }
}

/// The SHA-256 of a certificate, as everybody writes it: `AB:CD:…`.
pub fn fingerprint(der: &[u8]) -> String {
    let mut text = String::new();
    for (n, byte) in ring::digest::digest(&ring::digest::SHA256, der).as_ref().iter().enumerate() {
        let colon = if n == 0 { "" } else { ":" };
        // Writing to a string does not fail.
        let _ = write!(text, "{colon}{byte:02X}");
    }
    text
}

/// The first fields: who signed it, and from when until when it holds.
fn up_to_validity(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<(Vec<u8>, (Moment, Moment))> {
    let _version = fields.read_optional(|reader| reader.read_tagged(Tag::context(0), skipped))?;
    let (_serial, _algorithm) = (fields.next().read_der()?, fields.next().read_der()?);
    let issuer = fields.next().read_der()?;
    let times = fields.next().read_sequence(|times| Ok((moment(times.next())?, moment(times.next())?)))?;
    Ok((issuer, times))
}

fn to_be_signed(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Certificate> {
    let (issuer, (not_before, not_after)) = up_to_validity(fields)?;
    let subject = fields.next().read_der()?;
    let _key = fields.next().read_der()?;
    for unique_id in [1, 2] {
        let tag = Tag::context(unique_id);
        let _bits = fields.read_optional(|reader| reader.read_tagged_implicit(tag, bytes))?;
    }
    let names = fields
        .read_optional(|reader| reader.read_tagged(Tag::context(3), alternative_names))?
        .unwrap_or_default();
    Ok(Certificate {
        is_self_issued: subject == issuer,
        subject: yasna::parse_der(&subject, name)?,
        issuer: yasna::parse_der(&issuer, name)?,
        names,
        not_before,
        not_after,
        fingerprint: String::new(),
    })
}

fn skipped(reader: BERReader<'_, '_>) -> ASN1Result<()> {
    reader.read_der().map(drop)
}

fn bytes(reader: BERReader<'_, '_>) -> ASN1Result<Vec<u8>> {
    reader.read_bytes()
}

fn flag(reader: BERReader<'_, '_>) -> ASN1Result<bool> {
    reader.read_bool()
}

/// `UTCTime` up to 2049, `GeneralizedTime` from then on.
fn moment(reader: BERReader<'_, '_>) -> ASN1Result<Moment> {
    let seconds = match reader.lookahead_tag()? {
        tags::TAG_UTCTIME => reader.read_utctime()?.datetime().unix_timestamp(),
        _ => reader.read_generalized_time()?.datetime().unix_timestamp(),
    };
    Ok(Moment(seconds))
}

/// A distinguished name, by what says most of it.
fn name(reader: BERReader<'_, '_>) -> ASN1Result<String> {
    let (mut common, mut organisation) = (None, None);
    reader.read_sequence_of(|reader| {
        reader.read_set_of(|reader| {
            reader.read_sequence(|pair| {
                let kind = pair.next().read_oid()?;
                let value = pair.next().read_tagged_der()?;
                let known = match kind.components().as_slice() {
                    COMMON_NAME => &mut common,
                    ORGANISATION => &mut organisation,
                    _ => return Ok(()),
                };
                *known = Some(text(value.tag(), value.value()));
                Ok(())
            })
        })
    })?;
    Ok(common.or(organisation).unwrap_or_default())
}

fn text(tag: Tag, value: &[u8]) -> String {
    if tag == tags::TAG_BMPSTRING {
        let units = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        return char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).take(MAX_NAME).collect();
    }
    String::from_utf8_lossy(value).chars().take(MAX_NAME).collect()
}

/// The extension of the names, among the others.
fn alternative_names(reader: BERReader<'_, '_>) -> ASN1Result<Vec<String>> {
    let mut names = Vec::new();
    let wanted = ObjectIdentifier::from_slice(ALT_NAMES);
    reader.read_sequence_of(|reader| {
        reader.read_sequence(|parts| {
            let kind = parts.next().read_oid()?;
            let _critical = parts.read_optional(flag)?;
            let value = parts.next().read_bytes()?;
            if kind == wanted {
                names = yasna::parse_der(&value, general_names)?;
            }
            Ok(())
        })
    })?;
    Ok(names)
}

/// DNS names and IP addresses; the other kinds name nothing that is connected to.
fn general_names(reader: BERReader<'_, '_>) -> ASN1Result<Vec<String>> {
    let mut names = Vec::new();
    reader.read_sequence_of(|reader| {
        let name = reader.read_tagged_der()?;
        let shown = match (name.tag(), name.value()) {
            (tag, value) if tag == Tag::context(2) => Some(text(tag, value)),
            (tag, value) if tag == Tag::context(7) => address(value).map(|ip| ip.to_string()),
            _ => None,
        };
        names.extend(shown.filter(|_| names.len() < MAX_NAMES));
        Ok(())
    })?;
    Ok(names)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => <[u8; 4]>::try_from(bytes).ok().map(|ip| Ipv4Addr::from(ip).into()),
        _ => <[u8; 16]>::try_from(bytes).ok().map(|ip| Ipv6Addr::from(ip).into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn made() -> Vec<u8> {
        let names = ["greeter.example", "127.0.0.1", "::1"].map(str::to_owned);
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, "the Greeter");
        params.distinguished_name.push(DnType::OrganizationName, "Greeters");
        params.not_before = rcgen::date_time_ymd(2026, 11, 22);
        params.not_after = rcgen::date_time_ymd(2061, 1, 2);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_says_whose_it_is_and_how_long_it_holds() {
        let certificate = Certificate::read(&made()).unwrap();
        assert_eq!(
            (certificate.subject.as_str(), certificate.issuer.as_str()),
            ("the Greeter", "the Greeter")
        );
        assert!(certificate.is_self_issued);
        assert_eq!(certificate.names, ["greeter.example", "127.0.0.1", "::1"]);
        assert_eq!(certificate.not_before.to_string(), "2026-11-22 00:00 UTC");
        assert_eq!(certificate.not_after.to_string(), "2061-01-02 00:00 UTC");
        assert_eq!(certificate.fingerprint.len(), 32 * 3 - 1);
    }

    #[test]
    fn a_certificate_whose_names_cannot_be_read_still_says_how_long_it_holds() {
        let whole = made();
        let times = Certificate::read(&whole).map(|read| (read.not_before, read.not_after));
        assert_eq!(Certificate::validity(&whole), times);
        // The value of its alternative names, a sequence, becomes something else.
        let mut odd = whole;
        let names = odd.windows(5).position(|part| part == [0x06, 0x03, 0x55, 0x1d, 0x11]).unwrap();
        let value = names + 5 + odd[names + 5..].iter().position(|byte| *byte == 0x30).unwrap();
        odd[value] = 0x31;
        assert_eq!(Certificate::read(&odd), None);
        assert_eq!(Certificate::validity(&odd), times);
    }

    #[test]
    fn a_fingerprint_is_the_sha_256_that_others_show() {
        // FIPS 180-2, appendix B.1.
        let abc =
            "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:7A:9C:B4:10:FF:61:F2:00:15:AD";
        assert_eq!(fingerprint(b"abc"), abc);
    }

    #[test]
    fn nesting_and_lengths_without_end_are_no_certificate() {
        let nested: Vec<u8> = std::iter::repeat_n([0x30, 0x83, 0x00, 0xff, 0xff], 20_000).flatten().collect();
        assert_eq!(Certificate::read(&nested), None);
        for length in [&[0x30, 0x88, 255, 255, 255, 255, 255, 255, 255, 255][..], &[0x30, 0x80], &[0x30]] {
            assert_eq!(Certificate::read(length), None);
        }
    }

    proptest! {
        #[test]
        fn a_certificate_with_any_bytes_in_it_is_read_or_not_and_is_no_panic(
            at in proptest::collection::vec((0usize..2_000, any::<u8>()), 1..6),
            cut in 0usize..2_000,
        ) {
            let mut der = made();
            for (place, byte) in at {
                let length = der.len();
                der[place % length] = byte;
            }
            let _ = Certificate::read(&der);
            let _ = Certificate::read(&der[..cut.min(der.len())]);
            let _ = Certificate::validity(&der);
            let _ = Certificate::validity(&der[..cut.min(der.len())]);
        }
    }
}
