async function* count(to: number) {
  for (let n = 1; n <= to; n++) {
    yield `${n}\n`
    await scheduler.wait(1)
  }
}

export default {
  fetch(request: Request) {
    const upper = new TransformStream<string, string>({
      transform: (chunk, controller) => controller.enqueue(chunk.replace('\n', '!\n')),
    })
    const body = ReadableStream.from(count(5)).pipeThrough(upper).pipeThrough(new TextEncoderStream())
    return new Response(body, { headers: { 'content-type': 'text/plain' } })
  },
}
