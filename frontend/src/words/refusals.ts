// What the server refuses, in Chinese: it explains itself in English, with a code.

/** One that ends in a colon is followed by what the server says. */
const SENTENCES: Record<string, string> = {
  unauthorised: "你还没有登录，或者登录已经过期。",
  wrong_token: "令牌不对。",
  too_many_guesses: "输错的令牌太多了，请过一分钟再试。",
  foreign_host: "这台服务器不叫这个名字。请用它启动时给出的地址打开，或者把这个名字加进 PLAYGROUND_NAMES。",
  foreign_origin: "只有这台服务器自己的页面才能在浏览器里使用它。",
  read_only: "这是别人的任务，只能看。想改的话，用它的实验自己开一个。",
  no_job: "没有这个任务：也许已被删除，也许它的主人没有共享。",
  no_dataset: "没有这个数据集。",
  no_checkpoint: "那个时刻还没有检查点，请过一会儿再试。",
  gone: "这个检查点已经不在了，请换一个时刻。",
  job_alive: "任务还在进行，请先停止它。",
  job_final: "任务已经结束，不再接受指令。",
  job_queued: "任务已经在继续了。",
  key_reused: "这个请求编号已经用过了，请再试一次。",
  queue_full: "排队的任务太多了。请停掉几个，或者过一会儿再试。",
  queue_full_for_you: "你在排队的任务太多了。请停掉几个，或者过一会儿再试。",
  closing: "服务器正在关闭，请过一会儿再开始。",
  storage: "服务器现在存取不了数据。请过一会儿再试；如果还是这样，请管理员看看数据文件夹是不是满了。",
  invalid: "设置里有不合适的地方：",
  unsound: "这个网络还有问题：",
  beyond_limits: "这超出了这台服务器的限制：",
  too_many: "你这里的请求太多、太快了，请稍等一下再试。",
  busy: "同时提问的人太多，请过一会儿再试。",
  inference_died: "回答这个问题的进程中断了，请再试一次；如果还是这样，请把网络改小一点。",
  memory: "要回答这个问题，内存不够。请把网络改小一点。",
  sound_short: "声音太短，容不下一个词，请至少录 0.2 秒。",
  sound_silent: "什么也没听到：请说响一点，或者离麦克风近一点，看看麦克风是不是静音了。",
  sound_unreadable: "这不是一个 WAV 声音文件；需要带文件头的 16 位采样，以 base64 文字发送。",
  sound_format: "声音要每个采样 16 位、每秒 4000 到 192000 个采样。",
  missing_data: "这台机器上还没有这个数据集，请先下载。",
  available: "这个数据集已经在这台机器上了。",
  fetching: "这个数据集正在下载。",
  not_fetchable: "这个数据集不需要下载。",
  extra_missing: "服务器上缺少下载这个数据集要用的软件包，请联系管理员。",
  no_network: "连不上 Hugging Face Hub。请检查服务器的网络后再试。",
  no_hub_dataset: "Hub 上没有这个数据集，或者它不公开。请检查名字，写成“所有者/名字”；不公开的需要管理员在服务器上设置 HF_TOKEN。",
  hub_gated: "这个数据集只给得到作者许可的人用。请先在 Hub 上申请，再请管理员在服务器上设置有权限的 HF_TOKEN。",
  no_parquet: "这个数据集没有 parquet 文件，Hub 也没有替它转换，这里用不了。请换一个。",
  hub_too_large: "这个数据集太大，超出了这台服务器的限制：",
  hub_unreadable: "这个数据集的文件读不了：",
  hub_busy: "Hub 暂时不接受这里的请求了，请过几分钟再试。",
  hub_fault: "Hub 的回答不对劲：",
  no_configuration: "这个数据集没有这个配置：",
  no_split: "这个数据集没有这个划分：",
  no_space: "服务器的磁盘空间不够，请先清理一些。",
  no_fetch: "没有这个下载任务。",
  not_fetched: "这台机器上没有这个数据集。",
  fetch_failed: "下载失败，请检查服务器的网络后再试。",
  internal: "服务器遇到了意料之外的错误，它的日志里有详情。如果再次出现，请告诉管理员。",
};

/** What kind of refusal it is, where only the server's own words say more. */
const KINDS: Record<number, string> = {
  403: "不允许这样做",
  404: "没有找到",
  408: "等得太久",
  409: "当前状态下不能这样做",
  413: "内容太大",
  422: "内容有不合适的地方",
  429: "请求太多",
  503: "现在做不了",
  504: "用时太长",
};

export function chineseRefusal(code: string, status: number, message: string): string {
  const sentence = SENTENCES[code];
  if (sentence?.endsWith("：")) return sentence + message;
  return sentence ?? `${KINDS[status] ?? "服务器没有接受"}（${message}）`;
}
