/**
 * What link layers are called that captures have and the tap does not read, by their numbers
 * (https://www.tcpdump.org/linktypes.html).
 */
const NAMES: Readonly<Record<number, string>> = {
  3: "AX25",
  6: "IEEE802_5",
  7: "ARCNET_BSD",
  8: "SLIP",
  100: "ATM_RFC1483",
  105: "IEEE802_11",
  107: "FRELAY",
  114: "LTALK",
  117: "PFLOG",
  119: "IEEE802_11_PRISM",
  122: "IP_OVER_FC",
  127: "IEEE802_11_RADIOTAP",
  138: "APPLE_IP_OVER_IEEE1394",
  139: "MTP2_WITH_PHDR",
  140: "MTP2",
  141: "MTP3",
  142: "SCCP",
  143: "DOCSIS",
  144: "LINUX_IRDA",
  163: "IEEE802_11_AVS",
  165: "BACNET_MS_TP",
  177: "LINUX_LAPD",
  187: "BLUETOOTH_HCI_H4",
  189: "USB_LINUX",
  192: "PPI",
  195: "IEEE802_15_4_WITHFCS",
  197: "ERF",
  201: "BLUETOOTH_HCI_H4_WITH_PHDR",
  202: "AX25_KISS",
  203: "LAPD",
  209: "IPMB_LINUX",
  215: "IEEE802_15_4_NONASK_PHY",
  220: "USB_LINUX_MMAPPED",
  224: "FC_2",
  227: "CAN_SOCKETCAN",
  230: "IEEE802_15_4_NOFCS",
  240: "NETANALYZER",
  242: "IPOIB",
  243: "MPEG_2_TS",
  247: "INFINIBAND",
  248: "SCTP",
  249: "USBPCAP",
  251: "BLUETOOTH_LE_LL",
  253: "NETLINK",
  254: "BLUETOOTH_LINUX_MONITOR",
  256: "BLUETOOTH_LE_LL_WITH_PHDR",
  258: "PKTAP",
  266: "USB_DARWIN",
  271: "VSOCK",
  272: "NORDIC_BLE",
  283: "IEEE802_15_4_TAP",
};
const [FIRST_USER, LAST_USER] = [147, 162];

/** A link layer by name and number: "IEEE802_11_RADIOTAP (127)", "USER0 (147)"; "300" where it has no name. */
export function linkTypeName(type: number): string {
  const isUser = type >= FIRST_USER && type <= LAST_USER;
  const name = isUser ? `USER${type - FIRST_USER}` : NAMES[type];
  return name ? `${name} (${type})` : String(type);
}
