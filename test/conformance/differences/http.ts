/** Differences in what requests are answered. */
import type { Answers, Difference } from "../differences.ts";

const UNKNOWN_SESSION = 'GET 400 {"code":1,"message":"Session ID unknown"}';
const UNKNOWN_POST = UNKNOWN_SESSION.replace("GET", "POST");
const OVER = `over: ${UNKNOWN_SESSION}`;
const REFUSED = 'POST 400 {"code":3,"message":"Bad request"}';
const OPENED =
  'GET 200 0{"sid":"…","upgrades":["websocket"],"pingInterval":…,"pingTimeout":…,"maxPayload":1000000}';
const BAD_METHOD = '400 {"code":2,"message":"Bad handshake method"}';

/** Dropped by both, but the reference server says `ok` to it. */
const DROPPED: Answers = [
  ["POST 200 ok", OVER],
  [REFUSED, OVER],
];

const TAKEN = ["POST 200 ok", "<- 4a", "goes on"];

export const HTTP_DIFFERENCES: readonly Difference[] = [
  {
    rule: "ENG-2",
    why: "A query parameter that decides has to be there exactly once. The reference server takes the last one, and an empty `sid` for none.",
    scripts: {
      "GET ?EIO=4&EIO=4&transport=polling": [
        [OPENED],
        ['GET 400 {"code":5,"message":"Unsupported protocol version"}'],
      ],
      "GET ?EIO=3&EIO=4&transport=polling": [
        [OPENED],
        ['GET 400 {"code":5,"message":"Unsupported protocol version"}'],
      ],
      "GET ?EIO=4&transport=polling&transport=polling": [
        [OPENED],
        ['GET 400 {"code":0,"message":"Transport unknown"}'],
      ],
      "GET ?EIO=4&transport=polling&transport=websocket": [
        ['GET 400 {"code":3,"message":"Bad request"}'],
        ['GET 400 {"code":0,"message":"Transport unknown"}'],
      ],
      "GET ?EIO=4&transport=polling&sid=": [[OPENED], [UNKNOWN_SESSION]],
      "GET of a session with its sid twice": [
        ["POST 200 ok", "GET 200 4a"],
        ["POST 200 ok", UNKNOWN_SESSION],
      ],
    },
  },
  {
    rule: "ENG-2",
    why: "What the request itself says is checked before the room is asked whether it knows the session.",
    scripts: {
      "GET ?EIO=3&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA": [
        [UNKNOWN_SESSION],
        ['GET 400 {"code":3,"message":"Bad request"}'],
      ],
      "WebSocket ?EIO=3&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA": [
        ["refused 400 Session ID unknown"],
        ["refused 400 Bad request"],
      ],
      "WebSocket ?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA": [
        ["refused 400 Session ID unknown"],
        ["refused 400 Bad request"],
      ],
    },
  },
  {
    rule: "ENG-2",
    why: "A WebSocket that can't be used is refused with a status. The reference server opens it, and drops it without a word.",
    scripts: {
      "WebSocket ?transport=websocket": [["opens"], ["refused 400 Unsupported protocol version"]],
      "WebSocket ?EIO=3&transport=websocket": [
        ["opens"],
        ["refused 400 Unsupported protocol version"],
      ],
      "WebSocket ?EIO=4&transport=polling": [["opens"], ["refused 400 Bad request"]],
    },
  },
  {
    rule: "ENG-2",
    why: "The opening handshake of RFC 6455 is the runtime's. It knows version 13 only, and does not look at the key.",
    scripts: {
      "WebSocket of another protocol": [
        ["refused 400 Invalid Upgrade header"],
        ["refused 400 Bad request"],
      ],
      "WebSocket of version 8": [
        ["opens"],
        ["refused 426 ERROR: The requested WebSocket version is not supported."],
      ],
      "WebSocket with a key that is none": [
        ["refused 400 Missing or invalid Sec-WebSocket-Key header"],
        ["opens"],
      ],
    },
  },
  {
    rule: "ENG-2",
    why: "A session's request with a method that is none is the client's mistake: 400, not 500.",
    scripts: {
      "PUT of a session": [
        ["PUT 500", "goes on"],
        [`PUT ${BAD_METHOD}`, "goes on"],
      ],
      "PATCH of a session": [
        ["PATCH 500", "goes on"],
        [`PATCH ${BAD_METHOD}`, "goes on"],
      ],
      "DELETE of a session": [
        ["DELETE 500", "goes on"],
        [`DELETE ${BAD_METHOD}`, "goes on"],
      ],
    },
  },
  {
    rule: "AUTH-5",
    why: "`OPTIONS` is a browser's preflight, and answered as one. The reference server does so where CORS is switched on.",
    scripts: { "OPTIONS without a session": [[`OPTIONS ${BAD_METHOD}`], ["OPTIONS 204"]] },
  },
  {
    rule: "ADDR-2",
    why: "The path is the path, with or without its last slash, and nothing below it.",
    scripts: {
      "GET of a path below": [["200"], ["404"]],
      "GET without the path's last slash": [["404"], ["200"]],
    },
  },
  {
    rule: "ENG-1",
    why: "There is no JSONP, which only browsers without CORS needed.",
    scripts: {
      "GET ?EIO=4&transport=polling&j=0": [
        [
          'GET 200 ___eio[0]("0{\\"sid\\":\\"…\\",\\"upgrades\\":[\\"websocket\\"],\\"pingInterval\\":…,\\"pingTimeout\\":…,\\"maxPayload\\":1000000}");',
        ],
        [OPENED],
      ],
    },
  },
  {
    rule: "ENG-5",
    why: "A POST that ends its session is refused. The reference server answers `ok`, and the next request finds the session gone.",
    scripts: {
      "POST of a ping": DROPPED,
      "POST of a type that is none": DROPPED,
      "POST of letters": DROPPED,
      "POST of nothing": DROPPED,
      "POST of a separator alone": DROPPED,
      "POST of a separator at the end": DROPPED,
      "POST of a bad packet behind a good one": DROPPED,
      "POST of a good packet behind a bad one": DROPPED,
      "POST of a message behind a close packet": DROPPED,
      "a bad packet over polling": [
        ["POST 200 ok", "<- 6", "<- 1", OVER],
        [REFUSED, OVER],
      ],
      "a bad packet over polling, with a held GET": [
        ["POST 200 ok", "200 1", UNKNOWN_SESSION],
        [REFUSED, "200 1", UNKNOWN_SESSION],
      ],
    },
  },
  {
    rule: "ENG-10",
    why: "Packets that only a server sends, or only a probe, end the session. The reference server ignores them.",
    scripts: {
      "POST of an open packet": [
        ["POST 200 ok", "goes on"],
        [REFUSED, OVER],
      ],
      "POST of an upgrade packet": [
        ["POST 200 ok", "goes on"],
        [REFUSED, OVER],
      ],
      "POST of a noop": [
        ["POST 200 ok", "goes on"],
        [REFUSED, OVER],
      ],
      "a frame with an open packet": [["goes on"], ["closed"]],
      "a frame with an upgrade packet": [["goes on"], ["closed"]],
      "a frame with a noop": [["goes on"], ["closed"]],
    },
  },
  {
    rule: "ENG-4",
    why: "Base64 is RFC 4648's, padded, and for polling only. The reference server reads what it can of anything, over WebSocket too.",
    scripts: {
      "POST of base64 of other letters": [
        ["POST 200 ok", "<- b", "goes on"],
        [REFUSED, OVER],
      ],
      "POST of base64 without its padding": [
        ["POST 200 ok", "<- bAQ==", "goes on"],
        [REFUSED, OVER],
      ],
      "POST of base64 for URLs": [
        ["POST 200 ok", "<- b+/+/", "goes on"],
        [REFUSED, OVER],
      ],
      "a frame with base64": [["<- bytes 010203", "goes on"], ["closed"]],
    },
  },
  {
    rule: "ENG-5",
    why: "A body that can't be taken is refused with a reason, and ends the session, whose packets would have a hole. The reference server goes on after 413, and reads as text whatever it is told is something else.",
    scripts: {
      "POST of a larger body": [
        ["POST 413", "goes on"],
        [
          'POST 413 {"type":"urn:roomlog:error:too_large","title":"Too large","status":413,"code":"too_large","detail":"a body may have 1000000 bytes"}',
          OVER,
        ],
      ],
      "POST as application/octet-stream": [
        ["POST 400", OVER],
        [
          'POST 400 {"type":"urn:roomlog:error:bad_request","title":"The request makes no sense","status":400,"code":"bad_request","detail":"packets are sent as text/plain"}',
          OVER,
        ],
      ],
      "POST as application/octet-stream; charset=binary": [
        TAKEN,
        [
          'POST 400 {"type":"urn:roomlog:error:bad_request","title":"The request makes no sense","status":400,"code":"bad_request","detail":"packets are sent as text/plain"}',
          OVER,
        ],
      ],
      "POST that says it is compressed": [
        TAKEN,
        [
          'POST 415 {"type":"urn:roomlog:error:unsupported_media_type","title":"Not in this form","status":415,"code":"unsupported_media_type","detail":"send the body without Content-Encoding"}',
          OVER,
        ],
      ],
      "POST of what is not UTF-8": [
        ["POST 200 ok", "GET 200 4\ufffd"],
        [
          'POST 400 {"type":"urn:roomlog:error:invalid_body","title":"The body is not what this request takes","status":400,"code":"invalid_body","detail":"the body is not UTF-8"}',
          UNKNOWN_SESSION,
        ],
      ],
    },
  },
  {
    rule: "ENG-4",
    why: "An answer has at most 16 packets, or python-engineio refuses it, and at most `maxPayload` bytes. The reference server sends all that waits.",
    scripts: {
      "GET of thirty messages": [
        ["POST 200 ok", `GET 200 ${echoes(0, 30).join(" | ")}`, "goes on"],
        [
          "POST 200 ok",
          `GET 200 ${echoes(0, 16).join(" | ")}`,
          ...echoes(16, 30).map((packet) => `<- ${packet}`),
          "goes on",
        ],
      ],
      "GET of more than maxPayload": [
        [...Array(3).fill("POST 200 ok"), `GET 200 4${"a".repeat(31)}… (1200017)`, "goes on"],
        [
          ...Array(3).fill("POST 200 ok"),
          `GET 200 4${"a".repeat(31)}… (800013)`,
          `<- 4${"c".repeat(36)}… (400004)`,
          "goes on",
        ],
      ],
    },
  },
  {
    rule: "ENG-6",
    why: "Overlapping requests all get an answer, and the refused one says why. The reference server's has no body, and the other POST is cut off.",
    scripts: {
      "a second GET": [
        ["GET 400", "200 1", UNKNOWN_SESSION],
        ['GET 400 {"code":3,"message":"Bad request"}', "200 1", UNKNOWN_SESSION],
      ],
      "a second POST": [
        ["POST 400", "POST cut off", UNKNOWN_SESSION],
        [REFUSED, REFUSED, UNKNOWN_SESSION],
      ],
    },
  },
  {
    rule: "ENG-6",
    why: "The platform does not tell when a client gives up its GET. The session stays until its next GET, which is one too many, or its next ping; but a GET that comes after something was sent finds only what came later. The reference server ends the session at once. No client goes on after a GET that failed: it comes back with its offset, and gets from the log what it missed.",
    scripts: {
      "GET that its client gives up, messages for it, and another": [
        [UNKNOWN_POST, UNKNOWN_POST, UNKNOWN_SESSION],
        ["POST 200 ok", "POST 200 ok", "GET 200 4two"],
      ],
    },
  },
];

/** What a room that echoes sends for `4<n>`. */
function echoes(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => `4${from + n}`);
}
