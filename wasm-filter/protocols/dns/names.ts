import { Loss, lose } from "../../core/losses";
import { EMPTY, OTHER, intern } from "../../core/strings";
import { Text, bytesOf, sizeOf, text } from "../../core/text";
import { endpointNamed } from "../../packet/exchanges";
import { Flow } from "../../packet/flow";

/** What is asked by name: the type of a query, with what it is where it is none ("NOTIFY SOA"). */
export const QUERY: u32 = 0;
export const IXFR: u32 = 251;
export const AXFR: u32 = 252;

const COMMA: u32 = 0x2c;
/** Types from 0 on, from 240 on. */
const LOW = text(
  ",A,NS,MD,MF,CNAME,SOA,MB,MG,MR,NULL,WKS,PTR,HINFO,MINFO,MX,TXT,RP,AFSDB,X25,ISDN,RT,NSAP,NSAP-PTR,SIG,KEY,PX,GPOS,AAAA," +
    "LOC,NXT,EID,NIMLOC,SRV,ATMA,NAPTR,KX,CERT,A6,DNAME,SINK,OPT,APL,DS,SSHFP,IPSECKEY,RRSIG,NSEC,DNSKEY,DHCID,NSEC3," +
    "NSEC3PARAM,TLSA,SMIMEA,,HIP,NINFO,RKEY,TALINK,CDS,CDNSKEY,OPENPGPKEY,CSYNC,ZONEMD,SVCB,HTTPS,DSYNC",
);
const HIGH = text(",,,,,,,,,TKEY,TSIG,IXFR,AXFR,MAILB,MAILA,ANY,URI,CAA,AVC,DOA,AMTRELAY,RESINFO");
const FIRST_HIGH: u32 = 240;
const SPF: u32 = 99;
const SPF_NAME = text("SPF");
const OPCODES = text(",IQUERY,STATUS,,NOTIFY,UPDATE,DSO");

/** The endpoint of what a message asks for. */
export function endpointOf(flow: Flow, opcode: u32, type: u32): u32 {
  const method = opcode == QUERY ? EMPTY : nameIn(OPCODES, opcode);
  return endpointNamed(flow, method, type ? typeName(type) : opcode == QUERY ? OTHER : EMPTY);
}

function typeName(type: u32): u32 {
  if (type == SPF) return number(bytesOf(SPF_NAME), sizeOf(SPF_NAME));
  return type < FIRST_HIGH ? nameIn(LOW, type) : nameIn(HIGH, type - FIRST_HIGH);
}

/** The number of the name at a place of a list; OTHER where there is none. */
function nameIn(list: Text, place: u32): u32 {
  const end = bytesOf(list) + sizeOf(list);
  let from = bytesOf(list);
  for (let at = from; at <= end; at++) {
    if (at < end && load<u8>(at) != COMMA) continue;
    if (!place--) return at == from ? OTHER : number(from, <u32>(at - from));
    from = at + 1;
  }
  return OTHER;
}

function number(at: usize, size: u32): u32 {
  const found = intern(at, size);
  if (found >= 0) return found;
  lose(Loss.ENDPOINTS_FULL);
  return OTHER;
}
