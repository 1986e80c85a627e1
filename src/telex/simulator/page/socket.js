// The wire to the simulator. It comes back by itself, and every return begins with the whole picture.

const FIRST_WAIT = 250;   // ms
const LONGEST_WAIT = 3000;

export function connect(onEvent, onState) {
  let socket = null;
  let wait = FIRST_WAIT;

  const open = () => {
    const url = new URL("ws", document.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    url.hash = "";
    socket = new WebSocket(url);
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "hello") wait = FIRST_WAIT;
      onEvent(event);
    };
    socket.onclose = () => {
      onState(false);
      setTimeout(open, wait);
      wait = Math.min(wait * 1.6, LONGEST_WAIT);
    };
  };

  open();
  return (command) => {
    if (socket.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(command));
    return true;
  };
}
