import { curl, roomList } from '@qunhub/wire'

/** The call of the API that answers with this room. */
export const roomCall = (roomWxid: string, base: string): string =>
  curl({ ...roomList, example: { ...roomList.example, wxid: roomWxid } }, base)
