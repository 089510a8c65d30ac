"""Ordinary words that a capital letter does not turn into a name. Data only; inflections follow by stem."""

from __future__ import annotations

from functools import lru_cache

from fleet_runtime.lexical import STOPWORDS, stem, words

_OPENERS = """
absolutely according account action active actually addition additional adoption after afterwards again against ago
agree agreed ah alas albeit all allow almost alone along already alright alternatively although altogether always
amazing among amount another answer anybody anyone anything anyway anywhere apart apologies apparently appreciate
approximately around aside ask assuming attached attention available avoid aware away awesome awkward
back basically based because become before begin behind believe below beside besides best better between beyond big
both brief briefly bring brilliant broadly build business busy bye
call certain certainly change check cheers clear clearly close colleague come complete concern congratulations connect
consider contact contract correct cost could count current currently customer
daily data date day deal dear decision deep defect delighted depending despite detail different difficult direct do
done double due during
each earlier early easy either else email end enjoy enough especially even evening event ever every everybody everyone
everything everywhere exactly example excellent except exciting expect expensive extra
fact fair fairly fantastic far fault fast feature feedback feel fewer fifteen fifty figure final finally fine first five
fix focus follow following former formerly fortunately forty forward found four free frequently fresh friday friend
frustrating full fun function further furthermore future
general generally gladly goal good goodbye got grateful great greetings group growth guess
half halfway happy hard hardly head health hear hello help hence hey hi high holiday honestly hopefully hot hour
however huge hundred hurry
idea ideally imagine immediate immediately impact import important impressive improve indeed information inside
instead interest interesting internal issue item
job join joined joint
keep key kind kindly know knowledge known
large last late lately later latest lead leader learn least leave left less lesson level licence license light likely
line link list little live log login long look lot lots lovely low luckily
mail main make manager many matter maybe mean meaning meanwhile measure meet meeting member memory mention message
middle mid might mind minor minute missing mobile monday money month monthly moreover morning mostly move much must
name namely naturally near nearly necessary need neither never nevertheless new news next nice night nine nobody none
nonetheless normal normally note noted nothing notice noticed number
obviously occasionally odd offer office often oh ok okay old older one ongoing online open opening operation option
order ordinary organisation organization original originally otherwise ought outcome outside overall owner
page paper part partly party past pause people percent perfect perhaps period permanent person personal personally
phase phone pick picture piece place plain plan planned play please pleased pleasure plus point policy possible
possibly post potential potentially preferably prepare present presumably previous previously price pricing primarily
prior priority probably problem process product progress project promise proposal propose provided purchase
put quality quarter question quick quickly quiet quite
rather reach read ready real really reason recap recent recently record regard regarding regardless region regret
regular regularly related relationship release relevant remember remind reminder renewal renew repair replace reply
report request resolve respond response rest result return review right risk roadmap role roll rollout room rough
roughly round run
sad sadly safe same saturday save schedule scope search season seat second section seem seldom sense separate
separately serious service session set seven several share short shortly show side similar similarly simple simply
since sir situation six slow slowly small smooth software sold someone something sometime sometimes somewhere soon
sorry sort sounds source speak special specifically split stand start state status stay step still stop story
straight strange strong strongly subject subscription success successful such suddenly suggest sum summary summer
sunday super support supposedly sure surely surprising switch system
table take talk target task team ten term terrible test text thank thanks theirs therefore thing think third thirty
thorough though thought thousand three thrilled thursday thus ticket till time timeline today together tomorrow
tonight top topic total totally touch toward towards track trade training transition trend trouble true truly trust
try tuesday turn twelve twenty twice two type typical typically
ultimately undecided understand understandable understandably understood unfortunately unless unlike until unused
update upgrade upon urgent usage use useful user usual usually
value valuable various version via view visibility visit voice
wait walk want warm warmest warning watch way weak wednesday week weekday weekend weekly welcome well whatever
whenever wherever whereas whether whichever whoever whole wide wins wise wish within without wonder wonderful word
work worker workflow workshop world worry worse worst worth wow write wrong
yeah year yearly yep yesterday yet young yours
ability access accept accurate achieve administrator admin advantage advice agenda agent agreement aim alert align
analysis analyst answerable appointment approach approval area arrange article assistant attendance audience
automation average background balance baseline benefit billing blocker board bottom boundary branch breakdown bug
budget calendar campaign capability capacity care case cause champion chance channel chapter choice churn clause
client code column comment commercial commitment committee common communication community company comparison
compliance component condition confirm confirmation connector consent consequence content context conversation
copy core counsel country course coverage credit criteria critical culture cycle damage dashboard deadline debt
decline default delay delivery demand department dependency deployment depot description design desk developer
development device difference director discount discussion division document documentation domain downtime driver
duty economic edge effect effort emergency employee engagement engineer engineering environment equipment error
escalation estimate evaluation evidence exception exchange executive executor expansion expectation experience
expert explanation export external factor failure family fee field file finance financial flow form format
framework frequency gap gateway glance global ground guarantee guidance guide handoff handover heading highlight
history hope hub improvement incident include increase index industry inform infrastructure initiative input
insight install installation instruction insurance integration intention interface internet introduction invoice
kickoff lack lane language launch law lawyer layer leadership legal length library lifecycle limit load local
location loss machine maintenance management mandate manual margin market marketing material maximum mechanism
metric migration milestone minimum mission mistake mode model module monitor motion network objective obligation
observation onboarding operator opinion opportunity outage outlook output outreach overview package paragraph
parent partner partnership password patient pattern payment performance permission persona phrase pipeline
platform portal position practice preparation presentation pressure preview principal privacy procedure
procurement professional profile program programme proof property protection prototype provider public quote
range rate ratio recommendation recovery reduction reference refund relation reliability remark replacement
requirement research reseller resource responsibility retention revenue reward rhythm rule safety sale sales
sample satisfaction saving scenario script security segment seller sentiment sequence server setting setup shape
shift shop signal signature sign sign-off site size skill slide solution space specialist specification speed
sponsor spreadsheet staff stage stakeholder standard statement station stock storage store strategy structure
student study style suggestion supervisor supplier supply survey teacher technical technology template tender
testimonial theme theory threat throughput tier title tool touchpoint traffic transfer translation transport
tutorial unit university vendor verification video visitor volume warehouse warranty weakness web website
willingness window winner winter workspace yield
bookkeeping concrete consequently contrary copied frankly given granted happen honest hour idle inactive leaving
lastly listed literally moving nowadays nope operational ours pending plenty precisely quarterly respectfully
retrospective secondly securing sincerely speaking spring steps strictly sub-processor surprise takeaway tell
thirdly shall break tracking unclear understandably underneath unknown unresolved yes
"""
_VERBS = """
abandon accelerate accompany accomplish acknowledge acquire adapt address admire admit adopt advance advise affect
afford aggregate allocate amend amplify announce anticipate apologise apologize appear appeal apply appoint arise
arrive ascertain assemble assess assign assist associate assume assure attach attempt attend attract automate avoid
balance bear beat begin belong bend bet bind blame block book boost borrow bother buy cancel capture carry cast catch
celebrate centre challenge charge chase choose circle cite claim clarify classify clean climb clone collaborate
collect combine comfort commence commit compare compensate compete compile complain complement comply compose
compress concentrate conclude conduct configure conform conserve consist consolidate constitute construct consult
consume contain continue contribute convert convince cooperate coordinate cope correspond count cover create cross
cultivate cure customise customize cut deactivate decide declare decrease dedicate deduct defer define delegate delete
deliver demonstrate deny depart depend deploy derive describe deserve designate detect determine devote diagnose
differ digest diminish direct disable disagree disappear discover discuss dismiss display distribute dive divide
document dominate double download draft drag draw dream drive drop duplicate earn ease eat edit elaborate elect
eliminate embed embrace emerge emphasise emphasize employ enable encounter encourage enforce engage enhance enlarge
enrich enrol ensure enter entertain escalate establish evolve examine exceed exclude execute exercise exist expand
experience explain explore express extend extract facilitate fail fall favour fear feed fetch fight fill filter find
finish fit flag flow fold force forecast forget forgive form formulate forward foster frame free freeze gain gather
generate give govern grab grade gradual grow guard guess handle hang harvest hate head heal help hesitate hide hire
hit hold host hunt hurt identify ignore illustrate implement imply impose impress inherit initiate inject innovate
inquire insert insist inspect inspire install institute integrate intend interact interpret interrupt intervene
introduce invent invest investigate invite involve isolate issue iterate jump justify kick knock label land last laugh
launch lay leap leave lend let lie lift link listen live loan lock log lose love lower map march mark match mature
maximise maximize measure mend mentor merge migrate mind minimise minimize mix modify motivate multiply nail narrow
navigate negotiate neglect nominate normalise notify number nurture obey obtain occupy occur omit operate oppose
optimise optimize orient outline overcome overlook overtake owe pack paint participate pass patch pay perceive perform
permit persist persuade phase pilot pin pitch plant play plead point pop populate pose possess postpone pour practise
pray precede predict prefer press prevail prevent print prioritise prioritize proceed produce prohibit promote prompt
prompt pronounce protect prove publish pull pursue push qualify quantify quit raise ramp rank realise realize rearrange
rebuild recall receive recognise recognize recommend reconcile reconsider reconnect recruit redefine redirect redo
reduce refer refine reflect reform refresh refuse register reinforce reject relate relax relaunch release relieve
rely remain remark remedy remove rename render reopen reorganise repeat repeat rephrase represent reproduce require
reserve reset resign resist resort restart restore restrict resume retain retire retrieve reuse reveal revert revise
revisit revive reward rewrite rid ride ring rise rotate rush sail scale scan schedule scrap screen select sell send
set settle ship shoot shorten shout shrink shut simplify sing sit sketch skip sleep slip smile solve sound spare spark
spend split spot spread stabilise stack standardise stare stay steer stem stick stimulate stir straighten streamline
strengthen stress stretch strike strip strive struggle study submit subscribe substitute succeed suffer suit supply
surround survive suspect suspend sustain swap sweep swim swing tackle tag tailor tap taste teach team tear tempt
terminate test thank throw tidy tie tighten toggle tolerate touch train transform translate travel treat trigger trim
trip troubleshoot tune turn uncover undergo undertake undo unify unite unlock unpack untangle upload urge utilise
validate vary verify void vote wake warn wash waste watch wear weigh widen win wind withdraw witness work wrap yell
zoom
"""
_MARKERS = words(
    "i i'm i've i'll i'd ok okay fyi asap ps pps tbd am pm utc id url pdf csv hr it q&a kpi roi csm faq etc"
)
_NAME_LIKE = frozenset(
    words("will mark grace bill rose hope may april june dean frank penny sue rob pat art chase hunter drew jack grant")
)
_LANGUAGES = words("english german french spanish italian dutch portuguese european internet")

_ALWAYS = frozenset(_MARKERS)
_ENDINGS = ("ing", "tion", "sion", "ment", "ness", "less", "ful", "able", "ible", "ously", "ally", "ility")
_ENDING_NEEDS = 7


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    """Give the stems of all ordinary words; made at the first question, so that importing costs nothing."""
    return frozenset(stem(word) for word in (*words(_OPENERS), *words(_VERBS), *STOPWORDS, *_LANGUAGES))


def is_ordinary(word: str) -> bool:
    """Tell whether a word (any case) is an ordinary one, whatever its inflection."""
    lowered = word.lower()
    return lowered in _ALWAYS or lowered in STOPWORDS or stem(lowered) in _ordinary()


def is_ordinary_opening(word: str) -> bool:
    """Tell whether a sentence may open with the word without naming anybody; endings such as "-tion" count."""
    return is_ordinary(word) or (len(word) >= _ENDING_NEEDS and word.lower().endswith(_ENDINGS))


def may_be_name(word: str) -> bool:
    """Tell whether an ordinary word is a given name as well ("Mark", "Grace")."""
    return word.lower() in _NAME_LIKE
