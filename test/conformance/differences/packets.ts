/** Differences of Socket.IO. */
import type { Answers, Difference } from "../differences.ts";

const JOINED = ['<- 40{"sid":"…"}', '<- 42["auth",{}]', "goes on"];
const CLOSED = ["closed"];
const HOLE = '{"_placeholder":true,"num":0}';
const ECHOED = [`<- 451-["message-back",${HOLE}]`, "<- bytes 010203", "goes on"];
const UNKNOWN_SESSION = 'GET 400 {"code":1,"message":"Session ID unknown"}';

const refusal = (message: string, code: string) => [
  `<- 44{"message":"${message}","data":{"code":"${code}"}}`,
  "goes on",
];

/** Taken by the reference server, and answered so. */
const takenAs = (...lines: string[]): Answers => [[...lines, "goes on"], CLOSED];

export const PACKET_DIFFERENCES: readonly Difference[] = [
  {
    rule: "ENG-10",
    why: "A packet has what its type has, and nothing more or less: no id in CONNECT and DISCONNECT, always an array in EVENT and ACK, and no white space around it. The reference server's parser is lax here.",
    scripts: {
      'first "401"': [JOINED, CLOSED],
      'first "401{}"': [JOINED, CLOSED],
      'first "4 0"': [JOINED, CLOSED],
      'then "411"': takenAs(),
      'then "42"': takenAs(),
      'then "43"': takenAs(),
      'then "4312"': takenAs(),
      'then "42[\\"message\\"] "': takenAs('<- 42["message-back"]'),
      'then "42[\\"message\\",1]\\n"': takenAs('<- 42["message-back",1]'),
      'then "42 [\\"message\\"]"': takenAs('<- 42["message-back"]'),
    },
  },
  {
    rule: "ENG-9",
    why: "An ack id has at most 15 digits, and comes back as it was sent. The reference server reads it as a number, and rounds long ones.",
    scripts: {
      'then "421234567890123456789[\\"message-with-ack\\"]"': takenAs("<- 431234567890123456800[]"),
      'then "4200[\\"message-with-ack\\"]"': [
        ["<- 430[]", "goes on"],
        ["<- 4300[]", "goes on"],
      ],
    },
  },
  {
    rule: "EMIT-5",
    why: "JSON deeper than 64 levels is refused: it could be read, but not always written again.",
    scripts: {
      "then JSON of 65 levels": [
        [`<- 431[${"[".repeat(64)}${"]".repeat(64)}]`, "goes on"],
        [
          '<- 431[{"error":{"code":"invalid_body","message":"arguments are nested deeper than 64"}}]',
          "goes on",
        ],
      ],
    },
  },
  {
    rule: "ENG-12",
    why: "Attachments are counted in plain digits, each stands somewhere, a placeholder is a whole number, and together they have at most `maxPayload` bytes. The reference server counts in any notation, drops what is not used, and takes a broken number for nothing.",
    scripts: {
      "binary: an event counted in hexadecimal": [ECHOED, CLOSED],
      "binary: an event counted with an exponent": [ECHOED, CLOSED],
      "binary: an event counted with a space": [ECHOED, CLOSED],
      "binary: an event counted with a zero": [ECHOED, CLOSED],
      "binary: an event that uses none": takenAs('<- 42["message-back","a"]'),
      "binary: an event that leaves one out": [ECHOED, CLOSED],
      "binary: an event with a broken number": takenAs('<- 42["message-back",null]'),
      "binary: more bytes than maxPayload together": [
        [
          '<- 452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
          `<- bytes ${"0".repeat(31)}… (1200009)`,
          `<- bytes ${"0".repeat(31)}… (1200009)`,
          "goes on",
        ],
        ["closed 1009"],
      ],
    },
  },
  {
    rule: "ENG-12",
    why: "Bytes that stand in two places are sent once, as they came. The reference server sends them twice; the client sees the same.",
    scripts: {
      "binary: an event that uses one twice": [
        [
          `<- 452-["message-back",${HOLE},{"_placeholder":true,"num":1}]`,
          "<- bytes 010203",
          "<- bytes 010203",
          "goes on",
        ],
        [`<- 451-["message-back",${HOLE},${HOLE}]`, "<- bytes 010203", "goes on"],
      ],
    },
  },
  {
    rule: "ADDR-4",
    why: "A namespace's name of more than 256 characters ends the session. The reference server sends it back.",
    scripts: {
      "first 40/xxxxxxxxx… (303)": [[`<- 44/${"x".repeat(34)}… (338)`, "goes on"], CLOSED],
    },
  },
  {
    rule: "EMIT-6",
    why: "Packets are taken one at a time, so answers come in the order of what they answer. The reference server refuses a namespace before it has let anybody into another.",
    scripts: {
      "CONNECT over polling": [
        [
          "POST 200 ok",
          '<- 40{"sid":"…"}',
          '<- 42["auth",{"a":1}]',
          "goes on",
          "POST 200 ok",
          '<- 44/random,{"message":"Invalid namespace"}',
          '<- 40/custom,{"sid":"…"}',
          '<- 42/custom,["auth",{}]',
          "goes on",
        ],
        [
          "POST 200 ok",
          '<- 40{"sid":"…"}',
          '<- 42["auth",{"a":1}]',
          "goes on",
          "POST 200 ok",
          '<- 40/custom,{"sid":"…"}',
          '<- 42/custom,["auth",{}]',
          '<- 44/random,{"message":"Invalid namespace"}',
          "goes on",
        ],
      ],
    },
  },
  {
    rule: "EMIT-6",
    why: "What comes while a CONNECT is being checked waits for it. The reference server drops a session that does not wait for the answer.",
    scripts: {
      "CONNECT and an event in one POST": [
        ["POST 200 ok", "<- 6", "<- 1", `over: ${UNKNOWN_SESSION}`],
        ["POST 200 ok", '<- 40{"sid":"…"}', '<- 42["auth",{}]', '<- 42["message-back"]', "goes on"],
      ],
    },
  },
  {
    rule: "AUTH-6",
    why: "`clientId` and `rewind` in a client's `auth` are Roomlog's own, and refused if they make no sense.",
    scripts: {
      'first "40{\\"clientId\\":\\"short\\"}"': [
        ['<- 40{"sid":"…"}', '<- 42["auth",{"clientId":"short"}]', "goes on"],
        refusal("auth.clientId has to be a string of 16 to 256 characters", "invalid_client_id"),
      ],
      'first "40{\\"rewind\\":-1}"': [
        ['<- 40{"sid":"…"}', '<- 42["auth",{"rewind":-1}]', "goes on"],
        refusal("auth.rewind has to be a count of events", "invalid_rewind"),
      ],
    },
  },
  {
    rule: "ENG-11",
    why: "`socket.disconnect(true)` ends the session by closing its transport, so that the stock client comes back. The reference server sends DISCONNECT first, after which it does not.",
    scripts: {
      "a socket that the code disconnects with its connection": [
        ['<- 40/custom,{"sid":"…"}', "goes on", "<- 41", "<- 41/custom,", "closed"],
        ['<- 40/custom,{"sid":"…"}', "goes on", "closed"],
      ],
      "a socket that the code disconnects with its connection, with a held GET": [
        ["POST 200 ok", "200 41", "GET 200 6 | 1"],
        ["POST 200 ok", "200 1", UNKNOWN_SESSION],
      ],
      "an event, and the end of its connection": [
        ['<- 42["sent"]', "<- 41", "closed"],
        ['<- 42["sent"]', "closed"],
      ],
      "a socket that the code disconnects with its connection, without a GET": [
        ["POST 200 ok", "GET 200 41", "GET 200 6 | 1"],
        ["POST 200 ok", "GET 200 1", UNKNOWN_SESSION],
      ],
      "an event, and the end of its connection, without a GET": [
        ["POST 200 ok", 'GET 200 42["sent"] | 41', "GET 200 6 | 1"],
        ["POST 200 ok", 'GET 200 42["sent"] | 1', UNKNOWN_SESSION],
      ],
    },
  },
];
