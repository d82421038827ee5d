/** Lines that a reader takes, but that no writer would write: each says something in an odd way. */
export const ODD_LINES: readonly string[] = [
  odd(
    'plain',
    ',"agent_id":"a","details":{"variable_name":"x","new_value":1.0,"big":12345678901234567890}',
  ),
  odd('nulls', ',"agent_id":null,"caused_by":null,"description":null,"details":null'),
  odd('no causes', ',"caused_by":[]'),
  odd('a cause twice', ',"caused_by":["plain","plain","nulls"]'),
  odd('one cause', ',"caused_by":"plain"'),
  odd('strange causes', ',"caused_by":["plain",7,null]'),
  odd('unknown keys', ',"b":1e22,"a":{"x":[1.0]},"":null'),
  odd('another run', ',"simulation_id":"elsewhere"'),
  odd('a number as agent', ',"agent_id":7,"details":"text"'),
  odd('half a surrogate', ',"description":"\\ud83d","details":{"x":"\\ud83d"}'),
  odd('spelled', ',"description":"\\u0041\\/\\n\\"é\\"","details":{ "b" : 2 , "a":"</script>" }'),
  odd('empty texts', ',"agent_id":"","description":"","details":{}'),
  odd('formula', ',"description":"=1+1;\\r\\n\\"x\\",y"'),
  odd('fine time', '', '2025-10-04T14:23:45.1234567Z'),
  odd('zone', '', '2025-10-04T16:23:46+02:00'),
  odd('long ago', '', '1960-01-01T00:00:00.000001Z'),
]

function odd(id: string, rest: string, timestamp = '2025-10-04T14:23:45.123456+00:00'): string {
  return `{"event_id":${JSON.stringify(id)},"timestamp":"${timestamp}","turn_number":9007199254740991,"event_type":"STATE"${rest}}`
}
